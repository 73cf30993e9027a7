package dev.varve.store.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteConfigTest {

  @Test
  void oneServerHasItsDefaultPort() {
    RemoteConfig config = RemoteConfig.parse("redis://cache.example");
    assertThat(config.topology()).isEqualTo(new RemoteTopology.Single());
    assertThat(config.nodes()).containsExactly(new RemoteAddress("cache.example", 6379));
    assertThat(config.tls()).isFalse();
    assertThat(config.timeout()).isEqualTo(RemoteConfig.DEFAULT_TIMEOUT);
  }

  @Test
  void userAndPasswordAreReadAndNeverShown() {
    RemoteConfig config = RemoteConfig.parse("rediss://anna:p%40ss+1@[::1]:7000/0");
    assertThat(config.user()).contains("anna");
    assertThat(config.password()).contains("p@ss+1");
    assertThat(config.tls()).isTrue();
    assertThat(config.nodes()).containsExactly(new RemoteAddress("::1", 7000));
    assertThat(config.toString()).isEqualTo("rediss://::1:7000").doesNotContain("p@ss");
    assertThat(RemoteConfig.parse("redis://:secret@h").password()).contains("secret");
    assertThat(RemoteConfig.parse("redis://h").password(Optional.of("x")).password()).contains("x");
  }

  @Test
  void sentinelsNameTheirMaster() {
    RemoteConfig config = RemoteConfig.parse("redis-sentinel://a,b:26380#prompts");
    assertThat(config.topology()).isEqualTo(new RemoteTopology.Sentinel("prompts"));
    assertThat(config.nodes())
        .containsExactly(new RemoteAddress("a", 26379), new RemoteAddress("b", 26380));
    assertThat(RemoteConfig.parse("redis-sentinel://a").topology())
        .isEqualTo(new RemoteTopology.Sentinel("mymaster"));
  }

  @Test
  void aClusterHasSeveralNodes() {
    RemoteConfig config = RemoteConfig.parse("rediss-cluster://a:1,b:2,c");
    assertThat(config.topology()).isEqualTo(new RemoteTopology.Cluster());
    assertThat(config.nodes()).hasSize(3);
    assertThat(config).hasToString("rediss-cluster://a:1,b:2,c:6379");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost:6379 | begins with redis://",
        "http://localhost | 'http' is none of them",
        "redis:// | host of a remote store is empty",
        "redis://h:0 | port of a remote store",
        "redis://h:70000 | port of a remote store",
        "redis://h:port | is no server",
        "redis://h/3 | database 0",
        "redis://a,b | redis-cluster://",
        "redis://h#name | Sentinels",
        "redis://[::1 | lacks a ']'",
        "redis://u:%zz@h | '%'",
      })
  void whatIsWrongIsRefusedWithASentence(String address, String part) {
    assertThatThrownBy(() -> RemoteConfig.parse(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }

  @Test
  void timesAndAuthoritiesHaveLimits() {
    RemoteConfig config = RemoteConfig.parse("redis://h");
    assertThatThrownBy(() -> config.times(Duration.ZERO, Duration.ofDays(1)))
        .hasMessageContaining("time-out of the remote store is 0 ms");
    assertThatThrownBy(() -> config.times(Duration.ofSeconds(1), Duration.ofMillis(5)))
        .hasMessageContaining("time to live in the remote store is 5 ms");
    assertThatThrownBy(() -> config.trusting(Optional.of(Path.of("ca.pem"))))
        .hasMessageContaining("rediss");
    assertThatThrownBy(() ->
            new RemoteConfig(
                new RemoteTopology.Single(),
                List.of(new RemoteAddress("h", 1)),
                false,
                Optional.of("anna"),
                Optional.empty(),
                Optional.empty(),
                RemoteConfig.DEFAULT_TIMEOUT,
                RemoteConfig.DEFAULT_TIME_TO_LIVE))
        .hasMessageContaining("'anna'");
  }
}
