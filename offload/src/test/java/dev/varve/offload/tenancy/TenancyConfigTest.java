package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TenancyConfigTest {

  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void isPutTogetherFromSingleLimits() {
    TenancyConfig config =
        TenancyConfig.NONE
            .withQuota(10)
            .withQuota(Keys.RED, 20)
            .withTimeToLive(DAY)
            .withTimeToLive(Keys.BLUE, DAY.multipliedBy(2))
            .withPinnedBytes(30);
    assertThat(config)
        .isEqualTo(
            new TenancyConfig(
                new QuotaConfig(OptionalLong.of(10), Map.of(Keys.RED, 20L)),
                new LifetimeConfig(
                    Optional.of(DAY),
                    Map.of(Keys.BLUE, DAY.multipliedBy(2)),
                    OptionalLong.of(30))));
    assertThat(config.quotas().of(Keys.RED)).hasValue(20);
    assertThat(config.quotas().of(Keys.BLUE)).hasValue(10);
    assertThat(config.lifetimes().of(Keys.RED)).contains(DAY);
    assertThat(config.lifetimes().of(Keys.BLUE)).contains(DAY.multipliedBy(2));
    assertThat(TenancyConfig.NONE.quotas().isEmpty()).isTrue();
    assertThat(TenancyConfig.NONE.lifetimes().of(Keys.RED)).isEmpty();
  }

  @Test
  void limitsThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> TenancyConfig.NONE.withQuota(Keys.RED, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Keys.RED.hash() + " must be at least 1 byte: 0");
    assertThatThrownBy(() -> TenancyConfig.NONE.withPinnedBytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not be negative: -1");
    assertThatThrownBy(() -> TenancyConfig.NONE.withTimeToLive(Duration.ofNanos(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least a millisecond: PT0.000000005S");
  }
}
