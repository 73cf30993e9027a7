package dev.varve.skips;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.architecture.House;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SummaryTest {
  private static final List<TaggedTest> TESTS =
      List.of(
          new TaggedTest("dev.varve.a.PlainTest", "adds", Set.of()),
          new TaggedTest("dev.varve.a.RemoteTest", "pings", Set.of("server")),
          new TaggedTest("dev.varve.a.CudaTest", "launches", Set.of("gpu", "slow")));
  private static final Choice PLAIN = Choice.parse("", "gpu,slow, docker");

  @Test
  void printsEachTagWithItsReasonAndItsTests() {
    assertThat(summary(List.of(), false).lines())
        .contains(
            "gpu: chose 0 of 1 (" + Reason.GPU.text() + ")",
            "docker: chose 0 of 0 (" + Reason.DOCKER.text() + ")",
            "server: chose 1 of 1 (" + Reason.SERVER.text() + ")",
            "skipped while running: 0");
  }

  @Test
  void countsOnlyTheIncludedTagsAsChosen() {
    Summary summary = new Summary(TESTS, List.of(), Choice.parse("slow", "docker"), true);

    assertThat(summary.lines())
        .contains(
            "gpu: chose 1 of 1 (" + Reason.GPU.text() + ")",
            "slow: chose 1 of 1 (" + Reason.SLOW.text() + ")",
            "server: chose 0 of 1 (" + Reason.SERVER.text() + ")");
  }

  @Test
  void printsEachSkippedTestWithItsReason() {
    Summary summary = summary(List.of(skipped("RemoteTest", "pings", "no redis-server")), false);

    assertThat(summary.lines()).endsWith("  RemoteTest.pings: no redis-server");
    assertThat(summary.faults()).isEmpty();
  }

  @Test
  void refusesASkippedServerTestWhereServersMustRun() {
    Summary summary = summary(List.of(skipped("RemoteTest", "pings", "no redis-server")), true);

    assertThat(summary.faults())
        .containsExactly(
            "RemoteTest.pings was skipped (no redis-server), but here its server must be"
                + " installed");
  }

  @Test
  void refusesASkippedTestWithoutATag() {
    Summary summary = summary(List.of(skipped("PlainTest", "adds(int)[1]", "flaky")), false);

    assertThat(summary.faults())
        .containsExactly(
            "PlainTest.adds(int)[1] was skipped (flaky) but bears none of the tags that allow it");
  }

  @Test
  void refusesASkippedTestWithoutAReason() {
    assertThat(summary(List.of(skipped("RemoteTest", "pings", "")), false).faults())
        .containsExactly("RemoteTest.pings was skipped without a reason");
  }

  @Test
  void takesTheTagsOfAllTestsWhereAWholeClassWasSkipped() {
    assertThat(summary(List.of(skipped("RemoteTest", "", "no redis-server")), false).faults())
        .isEmpty();
    assertThat(summary(List.of(skipped("PlainTest", "", "disabled")), false).faults()).hasSize(1);
  }

  @Test
  void refusesATagThatIsNoneOfOurs() {
    List<TaggedTest> tests = List.of(new TaggedTest("a.OddTest", "runs", Set.of("flaky")));

    assertThat(new Summary(tests, List.of(), Choice.parse("", "nightly"), false).faults())
        .containsExactlyInAnyOrder(
            "OddTest.runs bears the tag 'flaky', which is none of ours",
            "the build leaves out the tag 'nightly', which is none of ours");
  }

  @ParameterizedTest
  @EnumSource
  void tellsContributorsTheReasonOfEachTag(Reason reason) throws IOException {
    String page = Files.readString(House.ofThisBuild().root().resolve("CONTRIBUTING.md"));

    assertThat(page).contains("| `" + reason.tag() + "` | " + reason.text() + " |");
  }

  private static Summary summary(List<SkippedTest> skipped, boolean serversMustRun) {
    return new Summary(TESTS, skipped, PLAIN, serversMustRun);
  }

  private static SkippedTest skipped(String simpleName, String name, String reason) {
    return new SkippedTest("dev.varve.a." + simpleName, name, reason);
  }
}
