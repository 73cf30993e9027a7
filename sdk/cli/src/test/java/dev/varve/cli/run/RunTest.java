package dev.varve.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTest {

  @ParameterizedTest
  @CsvSource({
    "'WARNING: Using incubator modules: a\nb\n', 'b\n'",
    "'a\nWARNING: Using incubator modules: a\n', 'a\n'",
    "'WARNING: Using glue\n', 'WARNING: Using glue\n'",
    "'a WARNING: Using incubator modules\n', 'a WARNING: Using incubator modules\n'",
    "'WARN', 'WARN'",
    "'\r[##..] 1 of 2', '\r[##..] 1 of 2'",
  })
  void theRelayDropsOnlyTheLineOfTheIncubator(String said, String heard) {
    StringBuilder text = new StringBuilder();
    byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
    new StandardErrorRelay(new ByteArrayInputStream(bytes), text::append).run();

    assertThat(text).hasToString(heard);
  }

  @Test
  void cleansUpInReverseOrderAndOnce() {
    List<String> closed = new ArrayList<>();
    try (Cleanup cleanup = Cleanup.alsoOnInterrupt()) {
      AutoCloseable first = () -> closed.add("first");
      AutoCloseable second = () -> closed.add("second");
      assertThat(cleanup.add(first)).isSameAs(first);
      cleanup.add(second);
      assertThat(cleanup.interrupted()).isFalse();
    }
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void removesATemporaryFolderWithAllItHolds() throws IOException {
    Path path;
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      path = folder.path();
      Files.createDirectories(path.resolve("a/b"));
      Files.writeString(path.resolve("a/b/c"), "text");
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void keepsTheTimesOfAGeneration() {
    long[] clock = {0};
    Timeline timeline = new Timeline(() -> clock[0] += 1_000_000_000L, id -> {});
    timeline.prefilled(0, 4);
    timeline.prefilled(4, 4);
    timeline.token(9);
    timeline.token(8);
    timeline.token(7);

    assertThat(timeline.tokens()).containsExactly(9, 8, 7);
    assertThat(timeline.prefillSeconds()).isEqualTo(2);
    assertThat(timeline.firstTokenSeconds()).isEqualTo(3);
    assertThat(timeline.decodeSeconds()).isEqualTo(2);
    assertThat(timeline.tokensPerSecond()).isEqualTo(1);
  }
}
