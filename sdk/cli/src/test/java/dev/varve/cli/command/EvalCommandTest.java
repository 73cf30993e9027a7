package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.cli.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class EvalCommandTest {
  @TempDir Path folder;

  private static Run eval(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "eval",
                "--prompt",
                "400",
                "--loss-tokens",
                "24",
                "--passages",
                "1",
                "--documents",
                "1"));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void keepingEverythingCostsNothingAndKeepingLittleSavesBytes() {
    Path page = folder.resolve("page.html");
    Run run =
        eval(
            "--policies",
            "snapkv(window=16);streamingllm(budget=80)",
            "--budgets",
            "1.0,0.2",
            "--format",
            "json",
            "--html",
            page.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    JsonNode rows = JsonMapper.builder().build().readTree(run.out());
    assertThat(rows.size()).isEqualTo(6);
    for (JsonNode row : rows) {
      double loss = row.get("loss").doubleValue();
      assertThat(loss).isBetween(0.2, 6.0);
      assertThat(row.get("seconds").doubleValue()).isPositive();
      long full = row.get("bytes_full").longValue();
      if (row.get("budget").doubleValue() == 1) {
        assertThat(loss).isEqualTo(row.get("loss_full").doubleValue(), within(1e-3));
        assertThat(row.get("needle_recall")).isEqualTo(row.get("needle_recall_full"));
        assertThat(row.get("attention_error").doubleValue()).isEqualTo(0, within(1e-4));
        assertThat(row.get("mass").doubleValue()).isEqualTo(1, within(1e-9));
        assertThat(row.get("bytes").longValue()).isEqualTo(full);
      } else {
        assertThat(row.get("attention_error").doubleValue()).isBetween(0.001, 1.5);
        assertThat(row.get("mass").doubleValue()).isBetween(0.2, 0.9999);
        assertThat(row.get("bytes").longValue() / (double) full).isEqualTo(0.2, within(0.02));
      }
    }
    assertThat(rows.get(4).get("policy").stringValue()).isEqualTo("streamingllm(budget=80)");
    assertThat(rows.get(0).get("question_visible").booleanValue()).isTrue();
    assertThat(rows.get(1).get("question_visible").booleanValue()).isFalse();
    assertThat(page).content().contains("snapkv(window=16)", "<svg", "Seed 11");
  }

  @Test
  void runsThePassesThatSomePoliciesAskFor() {
    Run run =
        eval(
            "--policies",
            "kvzip;specpc(window=8);speckv(window=16,lookahead=6);knorm+critical",
            "--budgets",
            "1.0,0.4",
            "--format",
            "json");

    assertThat(run.err()).isEmpty();
    JsonNode rows = JsonMapper.builder().build().readTree(run.out());
    assertThat(rows.size()).isEqualTo(16);
    for (JsonNode row : rows) {
      double kept = row.get("bytes").longValue() / (double) row.get("bytes_full").longValue();
      assertThat(kept).as("%s", row).isEqualTo(row.get("budget").doubleValue(), within(0.02));
      if (row.get("budget").doubleValue() == 1) {
        assertThat(row.get("needle_recall")).isEqualTo(row.get("needle_recall_full"));
      }
    }
  }

  @Test
  void policiesThatGoOnForgettingStandBesideThoseThatDoNot() {
    Run run =
        eval(
            "--policies",
            "h2o(recent=16);h2o(recent=16)+online;zeromerge(alpha=0.6)+online",
            "--budgets",
            "1.0,0.4",
            "--format",
            "json");

    assertThat(run.err()).isEmpty();
    JsonNode rows = JsonMapper.builder().build().readTree(run.out());
    assertThat(rows.size()).isEqualTo(12);
    for (JsonNode row : rows) {
      double kept = row.get("bytes").longValue() / (double) row.get("bytes_full").longValue();
      assertThat(kept).as("%s", row).isEqualTo(row.get("budget").doubleValue(), within(0.02));
      assertThat(row.get("loss").doubleValue()).isBetween(0.2, 6.0);
      if (row.get("budget").doubleValue() == 1) {
        assertThat(row.get("needle_recall")).isEqualTo(row.get("needle_recall_full"));
        assertThat(row.get("loss").doubleValue())
            .isEqualTo(row.get("loss_full").doubleValue(), within(1e-3));
      }
    }
    assertThat(rows.get(6).get("mass")).isEqualTo(rows.get(2).get("mass"));
  }

  @Test
  void figuresDoNotDependOnTheNumberOfThreads() {
    String[] policies = {"--policies", "random", "--budgets", "0.5", "--format", "json"};
    JsonNode one = figures(eval(with(policies, "1")));
    JsonNode three = figures(eval(with(policies, "3")));

    assertThat(three).isEqualTo(one);
  }

  private static String[] with(String[] options, String threads) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--threads", threads));
    return all.toArray(String[]::new);
  }

  private static JsonNode figures(Run run) {
    JsonNode rows = JsonMapper.builder().build().readTree(run.out());
    rows.forEach(row -> ((ObjectNode) row).remove("seconds"));
    return rows;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--budgets 0              | --budgets are shares of the tokens, above 0 and at most 1: 0.0",
        "--budgets 1.5            | --budgets are shares of the tokens, above 0 and at most 1: 1.5",
        "--policies snapvk        | did you mean 'snapkv'?",
        "--policies knorm+rerotate| cannot be used by a session",
        "--prompt 9000            | in the model's context",
        "--threads 0              | threads must be at least 1: 0",
        "--policies knorm --prompt 40 --budgets 0.5 | a document of 40 characters",
      })
  void refusesWithASentence(String options, String sentence) {
    Run run = Run.of(("eval --documents 1 --loss-tokens 24 " + options).split(" ", -1));

    assertThat(run.err()).startsWith("varve: ").contains(sentence);
    assertThat(run.exitCode()).isEqualTo(2);
  }
}
