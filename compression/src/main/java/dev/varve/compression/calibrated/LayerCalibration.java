package dev.varve.compression.calibrated;

import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Makes the tables of a layer from keys and values of the model. For one thread at a time.
 *
 * <p>Factors of keys follow SmoothAttention of QServe (Lin et al., 2024): the largest magnitude of
 * a channel and its RoPE partner, to a power. Ranges and levels follow KVQuant (Hooper et al.,
 * 2024): percentiles of a channel before RoPE; k-means on what lies within, where a number weighs
 * as much as an error of it changes logits, that is by the square of its channel's reach and by the
 * mean square of the queries that meet it. The paper takes gradients of the loss instead.
 */
public final class LayerCalibration {
  private static final int BLOCK = BlockGeometry.DEFAULT_TOKENS;

  private final LayerShape shape;
  private final CalibrationSettings settings;
  private final KeyPairs pairs;
  private final Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);

  public LayerCalibration(LayerShape shape, CalibrationSettings settings) {
    this.shape = shape;
    this.settings = settings;
    this.pairs = KeyPairs.of(shape.rope(), shape.keyDim());
  }

  /**
   * Mean square of what queries hold against each channel of the keys, by channel of all KV heads.
   * Both channels of a RoPE pair get the mean of the two: over the distances between a query and
   * its keys the turn deals them out evenly.
   *
   * @param queries {@code [queryHeads][count][keyDim]}
   */
  public float[] sensitivities(float[] queries, int count) {
    int dim = shape.keyDim();
    double[] squares = new double[shape.kvHeads() * dim];
    for (int i = 0; i < shape.queryHeads() * count * dim; i++) {
      int head = shape.kvHeadOf(i / (count * dim));
      squares[head * dim + i % dim] += (double) queries[i] * queries[i];
    }
    float[] means = new float[squares.length];
    for (int i = 0; i < means.length; i++) {
      int j = i % dim;
      double both = squares[i] + squares[i - j + pairs.partner(j)];
      means[i] = (float) (both / 2 / Math.max(1, shape.group() * count));
    }
    return means;
  }

  /** The same where no queries are known: all channels alike. */
  public float[] alike() {
    float[] ones = new float[shape.kvHeads() * shape.keyDim()];
    Arrays.fill(ones, 1);
    return ones;
  }

  /**
   * Tables from one run of the model.
   *
   * @param keys {@code [kvHeads][tokens][keyDim]}; overwritten
   * @param values {@code [kvHeads][tokens][valueDim]}
   * @param position place of the first token in its sequence
   * @param sensitivities how much errors of each channel of the keys count
   * @throws IllegalArgumentException if a number is none, or there are no tokens
   */
  public LayerTables calibrate(
      float[] keys, float[] values, int tokens, int position, float[] sensitivities) {
    if (tokens < 1) {
      throw new IllegalArgumentException("there are no tokens to calibrate on");
    }
    check(keys, "key");
    check(values, "value");
    tables.put(
        TableKind.KEY_FACTORS,
        SmoothFactors.calibrate(peaks(keys, tokens), pairs, settings.smoothing()));
    turnBack(keys, tokens, position);
    keyRanges(keys, tokens, sensitivities);
    if (!shape.valueIsPrefixOfKey()) {
      valueLevels(values, tokens);
    }
    return LayerTables.of(tables);
  }

  private static void check(float[] numbers, String what) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new IllegalArgumentException(
            "a %s is %s: calibrate on keys and values that are numbers".formatted(what, number));
      }
    }
  }

  private float[] peaks(float[] keys, int tokens) {
    int dim = shape.keyDim();
    float[] peaks = new float[shape.kvHeads() * dim];
    for (int i = 0; i < keys.length; i++) {
      int channel = i / (tokens * dim) * dim + i % dim;
      peaks[channel] = Math.max(peaks[channel], Math.abs(keys[i]));
    }
    return peaks;
  }

  private void turnBack(float[] keys, int tokens, int position) {
    int dim = shape.keyDim();
    KeyTurn turn = new KeyTurn(section(Section.KEYS));
    for (int from = 0; from < tokens; from += BLOCK) {
      turn.prepare(position + from);
      for (int head = 0; head < shape.kvHeads(); head++) {
        for (int token = from; token < Math.min(tokens, from + BLOCK); token++) {
          turn.back(keys, (head * tokens + token) * dim, token - from);
        }
      }
    }
  }

  private void keyRanges(float[] keys, int tokens, float[] sensitivities) {
    int dim = shape.keyDim();
    int channels = shape.kvHeads() * dim;
    float[] middles = new float[channels];
    float[] reaches = new float[channels];
    LevelSearch search = new LevelSearch();
    float[] numbers = new float[tokens];
    int outside = (int) (tokens * settings.outliers() / 2);
    for (int channel = 0; channel < channels; channel++) {
      int from = channel / dim * tokens * dim + channel % dim;
      for (int token = 0; token < tokens; token++) {
        numbers[token] = keys[from + token * dim];
      }
      Arrays.sort(numbers);
      double low = numbers[outside];
      double high = numbers[tokens - 1 - outside];
      middles[channel] = (float) ((low + high) / 2);
      reaches[channel] = Math.nextUp((float) ((high - low) / 2));
      double weight = (double) reaches[channel] * reaches[channel] * sensitivities[channel];
      for (float number : numbers) {
        float steps = (number - middles[channel]) / reaches[channel];
        if (Math.abs(steps) <= 1) {
          search.add(steps, weight);
        }
      }
    }
    tables.put(TableKind.KEY_MIDDLES, middles);
    tables.put(TableKind.KEY_REACHES, reaches);
    for (KvQuantFormat format : KvQuantFormat.all()) {
      tables.put(TableKind.levels(true, format.bits()), search.levels(format.bits()));
    }
  }

  private void valueLevels(float[] values, int tokens) {
    SectionShape section = section(Section.VALUES);
    SectionShape whole =
        new SectionShape(
            Section.VALUES, section.heads(), tokens, section.dim(), Dtype.F32, section.rope());
    SectionFloats floats = new SectionFloats(whole, tokens, 0, values);
    TokenRange range = new TokenRange(whole);
    LevelSearch search = new LevelSearch();
    for (int token = 0; token < tokens; token++) {
      if (!range.load(floats, token)) {
        continue;
      }
      double weight = (double) range.range() * range.range();
      for (int head = 0; head < section.heads(); head++) {
        for (int j = 0; j < section.dim(); j++) {
          search.add(range.steps(head, j), weight);
        }
      }
    }
    for (KvQuantFormat format : KvQuantFormat.all()) {
      tables.put(TableKind.levels(false, format.bits()), search.levels(format.bits()));
    }
  }

  private SectionShape section(Section section) {
    return SectionShape.of(section, BlockGeometry.of(shape, Dtype.F32, BLOCK), shape.rope());
  }
}
