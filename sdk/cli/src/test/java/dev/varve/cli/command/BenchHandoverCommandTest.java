package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchHandoverCommandTest {

  @Test
  void printsLeasesBesideThePort() {
    Run run =
        Run.of(
            "bench handover --sizes 4KiB,64KiB --lease 128KiB --data 1MiB --millis 20 --pairs 1 --format json"
                .split(" ", -1));

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new JsonMapper().readTree(run.out());
    assertThat(report.get("times")).hasSize(8);
    JsonNode many = report.get("times").get(0);
    assertThat(many.get("name").stringValue()).isEqualTo("32 of 4.0 KiB a lease");
    assertThat(many.get("value").doubleValue()).isPositive();
    assertThat(many.get("probed").doubleValue()).isPositive();
    assertThat(many.get("goal").doubleValue()).isEqualTo(2);
    assertThat(report.get("rates")).hasSize(6);
    assertThat(report.get("rates").get(0).get("goal").doubleValue()).isEqualTo(100);
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    assertThat(Run.of("bench", "handover", "--millis", "1").err())
        .contains("--millis must lie between");
    assertThat(Run.of("bench", "handover", "--pairs", "0").exitCode()).isEqualTo(2);
    assertThat(Run.of("bench", "handover", "--sizes", "1GiB").err()).contains("512 MiB");
    assertThat(Run.of("bench", "handover", "--sizes", "4MiB", "--data", "1MiB").err())
        .contains("--data of 1.0 MiB holds no value of 4.0 MiB");
  }
}
