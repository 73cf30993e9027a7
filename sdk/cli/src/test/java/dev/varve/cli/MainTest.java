package dev.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void printsItsVersionAndTheJvms() {
    assertThat(run("--version")).isZero();

    assertThat(out.toString())
        .matches("varve \\d+\\.\\d+\\.\\d+\\S* \\(Java %s\\)\\R".formatted(jvm()));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void printsHelpWithTheExitCodes() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString()).startsWith("Usage: varve").contains("Exit codes:");
  }

  @Test
  void refusesToRunWithoutACommand() {
    assertThat(run()).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            """
            varve: Say which command to run: demo, generate, capture, compress, decompress, inspect, verify, convert, diff, calibrate, eval, keep, replay, select, index, llamacpp, store, serve, bench.
            Try 'varve --help'.
            """);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-such-option", "no-such-command"})
  void refusesWhatItDoesNotKnow(String argument) {
    assertThat(run(argument)).isEqualTo(2);

    assertThat(err.toString()).contains(argument);
  }

  private int run(String... args) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }

  private static String jvm() {
    return Pattern.quote(Runtime.version().toString());
  }
}
