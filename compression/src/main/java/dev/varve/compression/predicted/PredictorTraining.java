package dev.varve.compression.predicted;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.grid.GridRows;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Trains the linear maps of {@link AquaFormat} for the layers of a model, one after the other: each
 * on what comes back of the layer before, as a reader will have it, written in two bits with the
 * maps that were just trained. Holds the floats of two layers. For one thread at a time.
 */
public final class PredictorTraining {
  private static final int BITS = 2;
  private static final int FIRST_LAYER_BITS = 4;

  private final int tokens;
  private float[] keysBefore = {};
  private float[] valuesBefore = {};

  /** For {@code tokens} tokens of every layer. */
  public PredictorTraining(int tokens) {
    this.tokens = tokens;
  }

  /**
   * Trains the next layer that holds keys and values of its own.
   *
   * @param keys {@code [kvHeads][tokens][keyDim]} before RoPE, finite
   * @param values {@code [kvHeads][tokens][valueDim]}, finite
   * @return its tables; none for the first layer and for layers that cannot be predicted, which are
   *     those with values in their keys and those of which a token's elements are no multiple of 8
   */
  public Map<TableKind, float[]> next(LayerShape shape, float[] keys, float[] values) {
    Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);
    SectionShape keyShape = shape(Section.KEYS, shape, shape.keyDim());
    SectionShape valueShape = shape(Section.VALUES, shape, shape.valueDim());
    if (shape.valueIsPrefixOfKey()
        || GridRows.part(keyShape.channels()) < Byte.SIZE
        || GridRows.part(valueShape.channels()) < Byte.SIZE) {
      keysBefore = new float[0];
      valuesBefore = new float[0];
      return tables;
    }
    float[] keyRows = rows(keys, keyShape);
    float[] valueRows = rows(values, valueShape);
    if (keysBefore.length == 0) {
      keysBefore = written(keyRows, new float[keyRows.length], keyShape, FIRST_LAYER_BITS);
      valuesBefore = written(valueRows, new float[valueRows.length], valueShape, FIRST_LAYER_BITS);
      return tables;
    }
    float[] keyMap = fit(keysBefore, keyRows);
    keysBefore = written(keyRows, mapped(keyMap, keysBefore, keyRows.length), keyShape, BITS);
    float[] inputs = beside(keysBefore, valuesBefore);
    float[] valueMap = fit(inputs, valueRows);
    valuesBefore = written(valueRows, mapped(valueMap, inputs, valueRows.length), valueShape, BITS);
    tables.put(TableKind.KEY_PREDICTOR, keyMap);
    tables.put(TableKind.VALUE_PREDICTOR, valueMap);
    return tables;
  }

  private SectionShape shape(Section section, LayerShape of, int dim) {
    return new SectionShape(section, of.kvHeads(), tokens, dim, Dtype.F32, of.rope());
  }

  /** {@code [tokens][channels]} of {@code [heads][tokens][dim]}. */
  private float[] rows(float[] numbers, SectionShape shape) {
    int dim = shape.dim();
    float[] rows = new float[numbers.length];
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token++) {
        int from = (head * tokens + token) * dim;
        System.arraycopy(numbers, from, rows, token * shape.channels() + head * dim, dim);
      }
    }
    return rows;
  }

  private float[] fit(float[] in, float[] out) {
    float[] map = RidgeRegression.fit(in, in.length / tokens, out, out.length / tokens, tokens);
    for (int i = 0; i < map.length; i++) {
      map[i] = Float.float16ToFloat(Float.floatToFloat16(map[i]));
    }
    return map;
  }

  private float[] mapped(float[] map, float[] in, int length) {
    float[] out = new float[length];
    new LinearMap(map, in.length / tokens, length / tokens, Backend.SCALAR).apply(in, tokens, out);
    return out;
  }

  private float[] beside(float[] left, float[] right) {
    int leftWidth = left.length / tokens;
    int rightWidth = right.length / tokens;
    float[] both = new float[left.length + right.length];
    for (int token = 0; token < tokens; token++) {
      int to = token * (leftWidth + rightWidth);
      System.arraycopy(left, token * leftWidth, both, to, leftWidth);
      System.arraycopy(right, token * rightWidth, both, to + leftWidth, rightWidth);
    }
    return both;
  }

  /** What comes back of rows that are written; those beyond 16-bit scales as they are. */
  private float[] written(float[] rows, float[] predicted, SectionShape shape, int bits) {
    GridRows grid = new GridRows("grid", bits, shape, Backend.SCALAR);
    int channels = shape.channels();
    float[] back = new float[rows.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(grid.bytes(1));
      for (int token = 0; token < tokens; token++) {
        int at = token * channels;
        float[] row = Arrays.copyOfRange(rows, at, at + channels);
        if (grid.write(row, predicted, at, 0, 1, bytes)) {
          grid.read(bytes, 1, 0, predicted, at, row);
        }
        System.arraycopy(row, 0, back, at, channels);
      }
    }
    return back;
  }
}
