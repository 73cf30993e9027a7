package dev.varve.compression;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.BlockGeometry;
import java.util.EnumMap;
import java.util.Map;

/** Tables that suit {@link SyntheticKv} and {@link GoldenBlock}; made of exact numbers. */
public final class TestTables {
  private static final float REACH = 40;

  private TestTables() {}

  /** Every table there is, for one layer. */
  public static LayerTables of(BlockGeometry geometry) {
    int channels = geometry.kvHeads() * geometry.keyDim();
    Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);
    float[] factors = new float[channels];
    float[] reaches = new float[channels];
    for (int i = 0; i < channels; i++) {
      factors[i] = 1 + i / 2 % 8 * 0.25f;
      reaches[i] = REACH;
    }
    tables.put(TableKind.KEY_FACTORS, factors);
    tables.put(TableKind.KEY_MIDDLES, new float[channels]);
    tables.put(TableKind.KEY_REACHES, reaches);
    tables.put(TableKind.KEY_LEVELS_2, levels(4));
    tables.put(TableKind.KEY_LEVELS_3, levels(8));
    tables.put(TableKind.KEY_LEVELS_4, levels(16));
    tables.put(TableKind.VALUE_LEVELS_2, levels(4));
    tables.put(TableKind.VALUE_LEVELS_3, levels(8));
    tables.put(TableKind.VALUE_LEVELS_4, levels(16));
    int values = geometry.kvHeads() * geometry.valueDim();
    tables.put(TableKind.KEY_PREDICTOR, predictor(channels, channels));
    tables.put(TableKind.VALUE_PREDICTOR, predictor(channels + values, values));
    return LayerTables.of(tables);
  }

  /** A band of weights around the diagonal that add up to a half, and small biases. */
  private static float[] predictor(int inputs, int outputs) {
    float[] numbers = new float[(inputs + 1) * outputs];
    for (int i = 0; i < outputs; i++) {
      numbers[i * outputs + i] = 0.25f;
      numbers[(i + 1) % inputs * outputs + i] = 0.125f;
      numbers[(inputs - 1 - i) * outputs + i] += 0.125f;
      numbers[inputs * outputs + i] = i % 4 * 0.0625f;
    }
    return numbers;
  }

  private static float[] levels(int count) {
    float[] levels = new float[count];
    for (int i = 0; i < count; i++) {
      levels[i] = -1 + (2 * i + 1f) / count;
    }
    return levels;
  }
}
