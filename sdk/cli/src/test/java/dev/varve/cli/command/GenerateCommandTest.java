package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  private static final String PROMPT = "The old gentleman died: his will was read, and like almost";

  @TempDir Path folder;

  @Test
  void streamsTheTextAndNothingElse() {
    Run run = generate("--prompt", PROMPT, "--quiet");

    assertThat(run.out()).hasSize(25).endsWith("\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void readsThePromptFromAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("prompt"), PROMPT);

    assertThat(generate("--prompt-file", file.toString()).out())
        .isEqualTo(generate("--prompt", PROMPT).out());
  }

  @Test
  void findsItsPromptInTheStoreAgain() {
    String store = folder.resolve("store").toString();
    Run first = generate("--prompt", PROMPT, "--store", store, "--block", "32");
    Run second = generate("--prompt", PROMPT, "--store", store, "--block", "32");

    assertThat(first.err()).contains("prompt 58 tokens, 0 found in the store");
    assertThat(second.err()).contains("prompt 58 tokens, 32 found in the store");
    assertThat(second.out()).isEqualTo(first.out());
  }

  @Test
  void drawsTheSameFromTheSameSeed() {
    Run first = generate("--prompt", PROMPT, "--temperature", "1", "--seed", "5");
    Run second = generate("--prompt", PROMPT, "--temperature", "1", "--seed", "5");

    assertThat(second.out()).isEqualTo(first.out());
    assertThat(first.err()).contains("seed 5");
    assertThat(first.out()).isNotEqualTo(generate("--prompt", PROMPT).out());
  }

  @Test
  void saysWhatItDidOnStandardError() {
    assertThat(generate("--prompt", PROMPT).err())
        .contains("generated 24 tokens", "as many as asked for", "HOT");
  }

  private static Run generate(String... more) {
    String[] line = new String[more.length + 5];
    System.arraycopy(
        new String[] {"generate", "--model", "byte-llama", "--max", "24"}, 0, line, 0, 5);
    System.arraycopy(more, 0, line, 5, more.length);
    Run run = Run.of(line);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
