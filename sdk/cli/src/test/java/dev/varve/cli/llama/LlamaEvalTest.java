package dev.varve.cli.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.varve.cli.Run;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.MissingLibraryException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("tool")
class LlamaEvalTest {

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

  private static Run run(String... more) {
    List<String> line = new ArrayList<>(List.of("eval", "--engine", "llamacpp"));
    line.addAll(List.of("--prompt", "512", "--loss-tokens", "32", "--passages", "1"));
    line.addAll(List.of("--documents", "1", "--format", "json"));
    line.addAll(List.of(more));
    return Run.of(line.toArray(String[]::new));
  }

  @Test
  void measuresPoliciesInLlama() {
    Run run = run("--policies", "snapkv(window=16);streamingllm;random", "--budgets", "0.25,1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode rows = JsonMapper.shared().readTree(run.out());
    assertThat(rows).hasSize(12);
    for (JsonNode row : rows) {
      double budget = row.get("budget").asDouble();
      double memory = row.get("bytes").asDouble() / row.get("bytes_full").asDouble();
      assertThat(memory).isBetween(budget - 0.01, budget + 0.01);
      assertThat(row.get("loss").asDouble()).isBetween(0.1, 8.0);
      assertThat(row.get("mass").isNull()).isTrue();
      if (budget == 1) {
        assertThat(row.get("loss")).isEqualTo(row.get("loss_full"));
      }
    }
  }

  @Test
  void saysWhichPoliciesCannotRun() {
    assertThat(run("--policies", "adakv").exitCode()).isEqualTo(2);
    assertThat(run("--policies", "adakv").err())
        .contains("cannot be used in llama.cpp: it treats layers or heads apart");
    assertThat(run("--policies", "snapkv", "--model", "gone.gguf").exitCode()).isEqualTo(3);
    assertThat(run("--policies", "nothing").err()).contains("there is no policy 'nothing'");
  }
}
