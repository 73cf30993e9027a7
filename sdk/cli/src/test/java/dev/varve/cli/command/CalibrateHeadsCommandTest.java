package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.head.HeadMapFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CalibrateHeadsCommandTest {
  @TempDir Path folder;

  @Test
  void writesAMapThatRazorAttentionReads() throws Exception {
    Path map = folder.resolve("heads.json");
    Run run = calibrate("--out", map.toString(), "--format", "json");

    assertThat(run.err()).contains("of 12 KV heads keep everything");
    assertThat(run.exitCode()).isZero();
    JsonNode heads = JsonMapper.builder().build().readTree(run.out());
    assertThat(heads.size()).isEqualTo(12);
    double most = 0;
    int full = 0;
    for (JsonNode head : heads) {
      most = Math.max(most, head.get("induction").doubleValue());
      full += head.get("full").booleanValue() ? 1 : 0;
    }
    // The bundled model has heads that copy; two by induction, one by echo, or the same one.
    assertThat(most).isGreaterThan(0.3);
    assertThat(full).isBetween(2, 3);
    HeadMap read = HeadMapFile.read(map);
    assertThat(read.layers()).isEqualTo(6);
    assertThat(read.share()).isEqualTo(full / 12.0);

    Path text = Files.writeString(folder.resolve("text"), "the same again, ".repeat(12));
    Path kv = folder.resolve("kv");
    Run.of("capture", "--model", "byte-llama", "--text", "" + text, "--out", "" + kv);
    String policy = "razorattention(heads='" + map + "',recent=16)";
    Run kept = Run.of("keep", "--policy", policy, kv.toString());
    assertThat(kept.err()).isEmpty();
    assertThat(kept.out()).contains("0-3 154-191").contains("0-191");
  }

  @Test
  void keepsAMapThatExistsUnlessForced() throws Exception {
    Path map = Files.writeString(folder.resolve("heads.json"), "precious");
    assertThat(calibrate("--out", map.toString()).exitCode()).isEqualTo(2);
    assertThat(map).hasContent("precious");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--seed 1              | is bundled and lies in no folder: say with --out",
        "--out a --copies 1    | --tokens and --copies must be at least 2: 60 and 1",
        "--out a --echo 2      | echo must lie between 0 and 1: 2.0",
        "--out a --copies 2000 | 2000 copies of 60 tokens are 120000, the model's context is",
      })
  void refusesWithASentence(String options, String sentence) {
    Path out = folder.resolve("a");
    Run run = calibrate(options.replace("--out a", "--out " + out).split(" ", -1));
    assertThat(run.err()).startsWith("varve: ").contains(sentence);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(out).doesNotExist();
  }

  private static Run calibrate(String... more) {
    String[] first = {"calibrate", "heads", "--model", "byte-llama", "--tokens", "60"};
    String[] line = new String[first.length + more.length];
    System.arraycopy(first, 0, line, 0, first.length);
    System.arraycopy(more, 0, line, first.length, more.length);
    return Run.of(line);
  }
}
