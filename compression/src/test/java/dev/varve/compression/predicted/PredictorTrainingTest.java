package dev.varve.compression.predicted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.SyntheticKv;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PredictorTrainingTest {
  private static final int TOKENS = 600;
  private static final LayerShape SHAPE = LayerShape.grouped(4, 2, 16, RopeSpec.none());
  private static final int CHANNELS = 32;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  /** A planted map with noise on its outputs comes back but for the penalty. */
  @Test
  void findsAMapThatWasPlanted() {
    int inputs = 12;
    int outputs = 8;
    int rows = 400;
    float[] planted = SyntheticKv.gaussian(random, LinearMap.numbers(inputs, outputs));
    float[] in = SyntheticKv.gaussian(random, rows * inputs);
    float[] out = new float[rows * outputs];
    new LinearMap(planted, inputs, outputs, Backend.SCALAR).apply(in, rows, out);
    float[] found = RidgeRegression.fit(in, inputs, out, outputs, rows);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i])
          .as("number %d, seed %d", i, seed)
          .isCloseTo(planted[i], within(0.02));
    }
  }

  /** Whatever the tile and the backend: the sums of a row do not depend on its neighbours. */
  @Test
  void mapsRowsAloneAndTogetherAlikeOnBothBackends() {
    int inputs = 11;
    int outputs = 200;
    float[] numbers = SyntheticKv.gaussian(random, LinearMap.numbers(inputs, outputs));
    LinearMap scalar = new LinearMap(numbers.clone(), inputs, outputs, Backend.SCALAR);
    LinearMap vector = new LinearMap(numbers.clone(), inputs, outputs, Backend.VECTOR);
    float[] in = SyntheticKv.gaussian(random, 7 * inputs);
    float[] together = new float[7 * outputs];
    float[] wide = new float[7 * outputs];
    scalar.apply(in, 7, together);
    vector.apply(in, 7, wide);
    assertThat(wide).as("seed %d", seed).containsExactly(together);
    for (int row = 0; row < 7; row++) {
      float[] alone = new float[outputs];
      scalar.apply(Arrays.copyOfRange(in, row * inputs, (row + 1) * inputs), 1, alone);
      for (int i = 0; i < outputs; i++) {
        assertThat(alone[i]).isEqualTo(together[row * outputs + i]);
        double exact = numbers[inputs * outputs + i];
        for (int k = 0; k < inputs; k++) {
          exact += in[row * inputs + k] * (double) numbers[k * outputs + i];
        }
        assertThat((double) alone[i]).isCloseTo(exact, within(1e-4));
      }
    }
  }

  @Test
  void predictsLayersThatDependOnTheOneBefore() {
    float[] keys = SyntheticKv.gaussian(random, CHANNELS * TOKENS);
    float[] values = SyntheticKv.gaussian(random, CHANNELS * TOKENS);
    PredictorTraining training = new PredictorTraining(TOKENS);
    assertThat(training.next(SHAPE, keys.clone(), values.clone()))
        .as("nothing predicts the first layer")
        .isEmpty();
    Map<TableKind, float[]> found = training.next(SHAPE, keys.clone(), values.clone());
    LayerTables tables = LayerTables.of(found);
    float[] keyMap = tables.find(TableKind.KEY_PREDICTOR).orElseThrow();
    assertThat(keyMap).hasSize((CHANNELS + 1) * CHANNELS);
    assertThat(tables.find(TableKind.VALUE_PREDICTOR).orElseThrow())
        .hasSize((2 * CHANNELS + 1) * CHANNELS);
    for (int i = 0; i < CHANNELS; i++) {
      assertThat((double) keyMap[i * CHANNELS + i])
          .as("weight of the same channel, seed %d", seed)
          .isBetween(0.95, 1.05);
    }
  }

  @Test
  void leavesOutLayersThatItCannotPredict() {
    PredictorTraining training = new PredictorTraining(TOKENS);
    float[] numbers = SyntheticKv.gaussian(random, CHANNELS * TOKENS);
    LayerShape odd = LayerShape.grouped(1, 1, 20, RopeSpec.none());
    LayerShape prefix =
        new LayerShape(4, 2, 16, 16, 1, 0, RopeSpec.none(), 0, true, OptionalInt.empty());
    float[] oddNumbers = SyntheticKv.gaussian(random, 20 * TOKENS);
    assertThat(training.next(SHAPE, numbers, numbers)).isEmpty();
    assertThat(training.next(odd, oddNumbers, oddNumbers)).isEmpty();
    assertThat(training.next(SHAPE, numbers, numbers)).as("a new beginning").isEmpty();
    assertThat(training.next(SHAPE, numbers, numbers)).hasSize(2);
    assertThat(training.next(prefix, numbers, numbers)).isEmpty();
  }
}
