package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.demo.DemoPage;
import dev.varve.cli.demo.DemoReport;
import dev.varve.cli.demo.RunReport;
import dev.varve.cli.demo.RunReport.TierReport;
import dev.varve.offload.variant.TierEncodings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class DemoCommandTest {
  @TempDir Path folder;

  @Test
  void twoProcessesWriteTheSameTextOverOneStore() throws IOException {
    Path store = folder.resolve("store");
    Run run = Run.of("demo", "--format", "json", "--tokens", "8", "--store", store.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    DemoReport report = JsonMapper.shared().readValue(run.out(), DemoReport.class);
    assertThat(report.sameText()).isTrue();
    assertThat(report.first().process()).isNotEqualTo(report.second().process());
    assertThat(report.first().reusedTokens()).isZero();
    assertThat(report.second().reusedTokens()).isEqualTo(report.promptBytes() / 128 * 128);
    assertThat(report.second().tokenIds()).hasSize(8);
    for (RunReport each : List.of(report.first(), report.second())) {
      assertThat(each.tiers()).extracting(TierReport::tier).containsExactly("HOT", "HOST", "SSD");
      assertThat(each.tiers()).allMatch(tier -> tier.blocks() > 0 && tier.hits() > 0);
      assertThat(each.lostBlocks()).isZero();
      assertThat(each.droppedBlocks()).isZero();
    }
    assertThat(Files.isDirectory(store)).isTrue();
  }

  @Test
  void saysWhatTheTiersEncodingsAchieved() throws IOException {
    Run run = Run.of("demo", "--format", "json", "--tokens", "4", "--tiers", "host=int8 ssd=int8");

    assertThat(run.exitCode()).as(run.err()).isZero();
    DemoReport report = JsonMapper.shared().readValue(run.out(), DemoReport.class);
    assertThat(report.tiers()).isEqualTo("host=int8 ssd=int8");
    assertThat(report.approximate()).isTrue();
    assertThat(report.second().reusedTokens()).isEqualTo(report.promptBytes() / 128 * 128);
    assertThat(report.first().tiers().subList(1, 3))
        .allMatch(tier -> tier.encoding().equals("int8") && tier.unapplied() == 0)
        .allMatch(tier -> tier.ratio() > 1.7 && tier.ratio() < 2);
    assertThat(DemoPage.render(report, false)).contains("written", "run 1  HOST       int8");
  }

  @Test
  void endsWithTheExitCodeOfAChildThatFails() {
    Run run = Run.of("demo", "--tokens", "1", "--hot", "4KiB");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("varve: a hot tier of 4096 bytes holds 0 slots")
        .doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void printsAPage() {
    DemoReport report =
        DemoReport.of(
            "a model", 1800, TierEncodings.RAW, run(7, 0, 4, "b b"), run(8, 1792, 0.05, "b b"));

    assertThat(DemoPage.render(report, false))
        .isEqualTo(
            """

              model    a model
              prompt   Sense and Sensibility, chapter 1: the first 1,800 bytes, one token each
              cache    f16 in blocks of 128 tokens; run 2 is a new process over the same store

                                             run 1           run 2
              -----------------------------------------------------------------
              open model and store          500 ms          500 ms
              prompt tokens                  1,800           1,800
              found in the store                 0           1,792
              prefill                       4.00 s           50 ms   80x faster
              time to first token           4.50 s          550 ms
              decode                 12.0 tokens/s   12.0 tokens/s

              at the end       size   blocks   tokens     bytes    hits   writes
              ------------------------------------------------------------------
              run 1  HOT    1.0 MiB        9      192   9.0 KiB   1,000
              run 1  SSD   64.0 MiB       84    1,792   5.0 MiB       4       84
              run 2  HOT    1.0 MiB        9      192   9.0 KiB   1,000
              run 2  SSD   64.0 MiB       84    1,792   5.0 MiB       4       84

              both runs continue the text:

                "... b b ..."

              same text: yes
            """);
  }

  @Test
  void saysNoWhereTheTextsDiffer() {
    DemoReport report =
        DemoReport.of("a model", 1800, TierEncodings.RAW, run(7, 0, 4, "b b"), run(8, 0, 4, "b c"));

    assertThat(DemoPage.render(report, false))
        .contains("\"... b b ...\"", "\"... b c ...\"")
        .endsWith("same text: no\n")
        .doesNotContain("faster");
  }

  @Test
  void showsWhatEncodingsAchieved() {
    DemoReport report =
        DemoReport.of(
            "a model",
            1800,
            TierEncodings.parse("ssd=int8"),
            run(7, 0, 4, "b b"),
            run(8, 0, 4, "b c"));

    assertThat(DemoPage.render(report, false))
        .contains("run 1  SSD       int8   5.0 MiB   3.0 MiB    1.67            2")
        .endsWith("same text: no, approximations may change it\n");
  }

  private static RunReport run(long process, int reused, double prefill, String text) {
    return new RunReport(
        process,
        1800,
        reused,
        0.5,
        prefill,
        prefill + 0.5,
        0.25,
        List.of(1, 2, 3, (int) text.charAt(2)),
        text,
        List.of(
            new TierReport("HOT", 9, 192, 9 << 10, 1 << 20, 1000, 10, 0, "raw", 0, 0, 0),
            new TierReport(
                "SSD", 84, 1792, 5 << 20, 64 << 20, 4, 10, 84, "int8", 5 << 20, 3 << 20, 2)),
        0,
        0);
  }
}
