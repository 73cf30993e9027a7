package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.Run;
import dev.varve.cli.bench.RedisPeer;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchServeCommandTest {

  @TempDir Path folder;

  @Test
  @Tag("server")
  @EnabledIf(
      value = "dev.varve.store.remote.RedisProcess#installed",
      disabledReason = "redis-server is not installed")
  void printsOursBesideRedis() {
    Run run =
        Run.of(
            "bench serve --sizes 4KiB,64KiB --connections 1,2 --data 1MiB --millis 20 --pairs 1 --context 600 --format json"
                .split(" ", -1));

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new JsonMapper().readTree(run.out());
    assertThat(report.get("rates")).hasSize(8);
    JsonNode get = report.get("rates").get(0);
    assertThat(get.get("name").stringValue()).isEqualTo("GET 4.0 KiB, 1 connection");
    assertThat(get.get("probe").stringValue()).isEqualTo("redis");
    assertThat(get.get("ours").doubleValue()).isPositive();
    assertThat(get.get("probed").doubleValue()).isPositive();
    assertThat(get.get("goal").doubleValue()).isEqualTo(1.2);
    assertThat(report.get("times")).hasSize(1);
    assertThat(report.get("contexts")).hasSize(3);
    JsonNode context = report.get("contexts").get(0);
    assertThat(context.get("name").stringValue()).isEqualTo("1 query token");
    assertThat(context.get("unit").stringValue()).isEqualTo("ms");
    assertThat(context.get("value").doubleValue()).isPositive();
    assertThat(context.get("probed").doubleValue()).isPositive();
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    assertThat(Run.of("bench", "serve", "--millis", "1").err())
        .contains("--millis must lie between");
    assertThat(Run.of("bench", "serve", "--connections", "0").exitCode()).isEqualTo(2);
    assertThat(Run.of("bench", "serve", "--sizes", "1GiB").err()).contains("at most 512 MiB");
    assertThat(Run.of("bench", "serve", "--pairs", "0").exitCode()).isEqualTo(2);
    assertThat(Run.of("bench", "serve", "--context", "0").err())
        .contains("--context must lie between 1 and 1048576: 0");
  }

  @Test
  void saysThatThereIsNothingToCompareWith() {
    assertThatThrownBy(() -> RedisPeer.start(folder.toString(), folder))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.ENVIRONMENT))
        .hasMessageContaining("redis-server is not on the PATH")
        .hasMessageContaining("install");
  }
}
