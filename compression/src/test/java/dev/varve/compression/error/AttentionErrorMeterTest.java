package dev.varve.compression.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.SyntheticKv;
import dev.varve.compression.error.AttentionErrorMeter.Cache;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AttentionErrorMeterTest {
  private static final int TOKENS = 40;
  private static final LayerShape SHAPE = LayerShape.grouped(4, 2, 16, RopeSpec.none());

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final AttentionErrorMeter meter = new AttentionErrorMeter(SHAPE);
  private final float[] keys = SyntheticKv.keys(random, 2, TOKENS, 16);
  private final float[] values = SyntheticKv.gaussian(random, 2 * TOKENS * 16);
  private final Queries queries = Queries.sampled(SHAPE, keys, TOKENS, 5, 2, random);

  @Test
  void findsNoErrorInTheSameNumbers() {
    AttentionError error =
        meter.measure(
            new Cache(keys, values), new Cache(keys.clone(), values.clone()), TOKENS, queries);
    assertThat(error).isEqualTo(new AttentionError(0, 0, 0, 0, 0));
  }

  @Test
  void passesTheRelativeErrorOfScaledValuesOn() {
    float[] larger = values.clone();
    for (int i = 0; i < larger.length; i++) {
      larger[i] *= 1.125f;
    }
    AttentionError error =
        meter.measure(new Cache(keys, values), new Cache(keys, larger), TOKENS, queries);
    assertThat(error.values()).isCloseTo(0.125, within(1e-6));
    assertThat(error.output()).isCloseTo(0.125, within(1e-6));
    assertThat(error.logits()).isZero();
    assertThat(error.keys()).isZero();
  }

  /** The same move of all keys moves all logits of a query alike, which softmax does not see. */
  @Test
  void doesNotCountAShiftOfAllLogits() {
    float[] moved = keys.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += i % 16 == 3 ? 2 : 0;
    }
    AttentionError error =
        meter.measure(new Cache(keys, values), new Cache(moved, values), TOKENS, queries);
    assertThat(error.keys()).isGreaterThan(0.01);
    assertThat(error.logits()).as("seed %d", seed).isLessThan(1e-5);
    assertThat(error.output()).isLessThan(1e-5);
  }

  @Test
  void givesSampledQueriesLogitsOfTheAskedSpread() {
    float[] silent = new float[keys.length];
    AttentionError error =
        meter.measure(new Cache(keys, values), new Cache(silent, values), TOKENS, queries);
    // Without keys all logits are 0, so their difference is their own deviation.
    assertThat(error.logits()).as("seed %d", seed).isCloseTo(2, within(1e-3));
    assertThat(error.keys()).isCloseTo(1, within(1e-9));
  }

  @Test
  void letsAQueryAtAPositionSeeNoLaterToken() {
    Queries first = new Queries(SHAPE, 1, 9, SyntheticKv.gaussian(random, 4 * 16));
    float[] changed = keys.clone();
    for (int head = 0; head < 2; head++) {
      for (int i = (head * TOKENS + 10) * 16; i < (head + 1) * TOKENS * 16; i++) {
        changed[i] = 100;
      }
    }
    AttentionError error =
        meter.measure(new Cache(keys, values), new Cache(changed, values), TOKENS, first);
    assertThat(error.logits()).isZero();
    assertThat(error.output()).isZero();
    assertThat(error.keys()).isGreaterThan(1);
  }
}
