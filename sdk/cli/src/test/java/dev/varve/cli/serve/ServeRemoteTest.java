package dev.varve.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.remote.RemoteConfig;
import dev.varve.store.remote.RemoteTopology;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeRemoteTest {

  private final GivenSettings given = new GivenSettings();

  @Test
  void nothingIsSharedUnlessAnAddressIsSet() {
    assertThat(ServeRemote.of(given.settings().tiers())).isEmpty();
  }

  @Test
  void theSettingsNameTheStore() {
    given.put("tiers.remote", "rediss-cluster://a,b:7000", "--set");
    given.put("tiers.remote-user", "anna", "--set");
    given.put("tiers.remote-timeout", "250ms", "--set");
    given.put("tiers.remote-time-to-live", "2h", "--set");
    assertThat(given.putEnvironment(Map.of("VARVE_TIERS_REMOTE_PASSWORD", "sesame"))).isEmpty();
    RemoteConfig config = ServeRemote.of(given.settings().tiers()).orElseThrow();
    assertThat(config.topology()).isEqualTo(new RemoteTopology.Cluster());
    assertThat(config.tls()).isTrue();
    assertThat(config.user()).contains("anna");
    assertThat(config.password()).contains("sesame");
    assertThat(config.timeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.timeToLive()).isEqualTo(Duration.ofHours(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tiers.remote|localhost|tiers.remote: the address of a remote store begins with redis://",
        "tiers.remote|redis://:secret@h|tiers.remote-password",
        "tiers.remote-password|secret|tiers.remote, which is not set",
      })
  void whatDoesNotFitIsRefusedWithoutTheSecret(String path, String text, String sentence) {
    given.put(path, text, "--set");
    assertThatThrownBy(() -> ServeRemote.of(given.settings().tiers()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence)
        .message()
        .doesNotContain("secret");
  }
}
