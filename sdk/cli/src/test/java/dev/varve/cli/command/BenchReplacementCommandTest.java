package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchReplacementCommandTest {

  private static final String LINES =
      """
      {"timestamp": 0, "input_length": 1024, "output_length": 1, "hash_ids": [1, 2]}
      {"timestamp": 9, "input_length": 1536, "output_length": 1, "hash_ids": [1, 2, 3]}
      """;

  @TempDir Path folder;

  @Test
  void printsOursBesideBothPeersForEachCapacity() throws IOException {
    Run run = bench(LINES, "--capacity", "1,2", "--format", "json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = new JsonMapper().readTree(run.out());
    assertThat(report.get("title").stringValue()).contains("5 of them in a run");
    JsonNode findings = report.get("findings");
    assertThat(findings).hasSize(4);
    assertThat(findings.get(0).get("name").stringValue()).isEqualTo("varve, 1 chunks");
    assertThat(findings.get(0).get("probe").stringValue()).isEqualTo("lru");
    assertThat(findings.get(3).get("probe").stringValue()).isEqualTo("w-tinylfu");
    assertThat(findings.get(3).get("value").doubleValue()).isPositive();
  }

  @Test
  void refusesWhatCannotBeMeasured() throws IOException {
    assertThat(bench(LINES, "--pairs", "4").exitCode()).isEqualTo(2);
    assertThat(bench(LINES, "--capacity", "0").err()).contains("at least 1 chunk: 0");
    assertThat(bench("{}", "--capacity", "1").exitCode()).isEqualTo(1);
  }

  private Run bench(String lines, String... options) throws IOException {
    Path trace = Files.writeString(folder.resolve("trace.jsonl"), lines);
    List<String> arguments = new ArrayList<>(List.of("bench", "replacement", trace.toString()));
    arguments.addAll(List.of(options));
    return Run.of(arguments.toArray(String[]::new));
  }
}
