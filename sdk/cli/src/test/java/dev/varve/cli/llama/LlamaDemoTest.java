package dev.varve.cli.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.varve.cli.Run;
import dev.varve.cli.demo.DemoReport;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.MissingLibraryException;
import dev.varve.llamacpp.gguf.GgufFile;
import dev.varve.llamacpp.gguf.ModelDimensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("tool")
class LlamaDemoTest {
  @TempDir Path folder;

  /** A machine without what the library needs skips these tests, CI fails. */
  @BeforeAll
  static void needsTheLibrary() {
    try {
      LlamaLibrary.bundled();
    } catch (MissingLibraryException e) {
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      abort(e.getMessage());
    }
  }

  @Test
  void twoProcessesWriteTheSameTextInLlama() {
    Run run = Run.of("demo", "--engine", "llamacpp", "--format", "json", "--tokens", "16");

    assertThat(run.exitCode()).as(run.err()).isZero();
    DemoReport report = JsonMapper.shared().readValue(run.out(), DemoReport.class);
    assertThat(report.model()).startsWith("byte-llama in llama.cpp b4916: 6 layers");
    assertThat(report.sameText()).isTrue();
    assertThat(report.prefillSpeedup()).isPositive();
    assertThat(report.first().process()).isNotEqualTo(report.second().process());
    assertThat(report.first().reusedTokens()).isZero();
    assertThat(report.second().reusedTokens()).isEqualTo(report.promptBytes() / 128 * 128);
    assertThat(report.second().tokenIds()).hasSize(16);
    assertThat(report.first().lostBlocks()).isZero();
  }

  @Test
  void convertsTheBundledModel() throws IOException {
    GgufFile file = GgufFile.read(BundledGguf.write(folder));
    assertThat(file.tensors()).hasSize(56);
    assertThat(ModelDimensions.of(file).vocabulary()).isEqualTo(256);
    assertThat(file.size()).isEqualTo(8_999_520);
  }

  @Test
  void measuresPromptsColdAndWarm() {
    Run run = Run.of("bench", "llamacpp", "--tokens", "300", "--pairs", "1", "--format", "json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode row = JsonMapper.shared().readTree(run.out()).get(0);
    assertThat(row.get("restored").asInt()).isEqualTo(256);
    assertThat(row.get("cold").asDouble()).isPositive();
    assertThat(row.get("warm").asDouble()).isPositive();
    assertThat(row.get("memory").asDouble()).isPositive();
    assertThat(row.get("own").asDouble()).isPositive();
    assertThat(row.get("computeMicros").asDouble()).isPositive();
    assertThat(row.get("storeMicros").asDouble()).isPositive();
    assertThat(row.get("tokenBytes").asInt()).isEqualTo(3072);
    assertThat(row.get("storedBytes").asDouble()).isBetween(1000.0, 3072.0);

    assertThat(Run.of("bench", "llamacpp", "--pairs", "0").exitCode()).isEqualTo(2);
    assertThat(Run.of("bench", "llamacpp", "--tokens", "100").err())
        .contains("--tokens must lie between 256 and 4096: 100");
    assertThat(Run.of("bench", "llamacpp", "--model", "gone").exitCode()).isEqualTo(3);
  }

  @Test
  void saysWhatIsWrongWithAModel() throws IOException {
    byte[] whole = Files.readAllBytes(BundledGguf.write(folder));
    Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, 5_000_000));
    Path text = Files.writeString(folder.resolve("text.gguf"), "no model".repeat(10));
    refused(1, "is truncated: the tensor '", "--engine", "llamacpp", "--model", cut.toString());
    refused(1, "begins with no 'GGUF'", "--engine", "llamacpp", "--model", text.toString());
    refused(3, "no such file; --model PATH is a GGUF file", "--engine=llamacpp", "--model=gone");
    refused(2, "goes with --engine llamacpp", "--model", cut.toString());
    refused(2, "--engine", "--engine", "vllm");
    refused(1, "--tokens must be at most", "--engine", "llamacpp", "--tokens", "100000");
  }

  private static void refused(int exitCode, String reason, String... options) {
    String[] line = new String[options.length + 1];
    line[0] = "demo";
    System.arraycopy(options, 0, line, 1, options.length);
    Run run = Run.of(line);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(reason).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}
