package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReplayCommandTest {

  private static final String LINES =
      """
      {"timestamp": 0, "input_length": 1024, "output_length": 1, "hash_ids": [1, 2]}
      {"timestamp": 9, "input_length": 1024, "output_length": 1, "hash_ids": [1, 2]}
      """;

  @TempDir Path folder;

  @Test
  void printsAnObjectForEachPolicyAndCapacity() throws IOException {
    Run run = replay(LINES, "--policy", "lru,varve", "--capacity", "1,2", "--format", "json");

    assertThat(run.exitCode()).isZero();
    JsonNode rows = new JsonMapper().readTree(run.out());
    assertThat(rows).hasSize(8);
    JsonNode lru = rows.get(1);
    assertThat(lru.propertyNames())
        .containsExactly("policy", "capacity", "hit_ratio", "prefix_hit_ratio", "tokens_saved");
    assertThat(lru.get("policy").stringValue()).isEqualTo("lru");
    assertThat(lru.get("capacity").intValue()).isEqualTo(2);
    assertThat(lru.get("hit_ratio").doubleValue()).isEqualTo(0.5);
    assertThat(lru.get("prefix_hit_ratio").doubleValue()).isEqualTo(0.5);
    assertThat(lru.get("tokens_saved").longValue()).isEqualTo(1024);
  }

  @Test
  void printsEveryPolicyAndBothBoundsAsATable() throws IOException {
    Run run = replay(LINES, "--capacity", "2");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("policy", "block hits", "prefix hits", "tokens saved")
        .contains("lru", "arc", "s3-fifo", "w-tinylfu", "varve", "belady", "infinite")
        .contains("0.5000", "1,024");
  }

  @Test
  void drawsAChart() throws IOException {
    Path svg = folder.resolve("chart.svg");
    Path html = folder.resolve("chart.html");

    replay(LINES, "--policy", "lru", "--chart", svg.toString());
    replay(LINES, "--policy", "lru", "--chart", html.toString());

    assertThat(Files.readString(svg)).startsWith("<svg ");
    assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>").contains("<svg ");
  }

  @Test
  void namesTheLineOfATraceThatIsWrong() throws IOException {
    Run run = replay(LINES + "{\"timestamp\": 3, \"input_length\": 5, \"hash_ids\": [1]}\n");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("trace.jsonl, line 3: timestamp 3 lies before 9")
        .doesNotContain("\tat ");
  }

  @Test
  void namesATraceThatIsMissing() {
    Run run = Run.of("replay", folder.resolve("gone").toString());

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("gone: no such file");
  }

  private Run replay(String lines, String... options) throws IOException {
    Path trace = Files.writeString(folder.resolve("trace.jsonl"), lines);
    String[] arguments = new String[options.length + 2];
    arguments[0] = "replay";
    arguments[1] = trace.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Run.of(arguments);
  }
}
