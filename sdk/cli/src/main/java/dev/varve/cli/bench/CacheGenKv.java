package dev.varve.cli.bench;

import dev.varve.compression.entropy.SymbolCounts;
import java.util.ArrayList;
import java.util.List;

/**
 * The codec of CacheGen (Liu et al., SIGCOMM 2024) with the settings that its authors publish, as a
 * yardstick: one scale for a token over all heads, {@code bins - 1} symbols around zero, and a
 * table for every channel of every layer. Its symbols are not written but priced at their entropy,
 * which no arithmetic coder undercuts.
 */
final class CacheGenKv implements KvCoding {
  private static final int TABLE_ENTRIES = 33;
  private static final int CHUNK_TOKENS = 256;

  private final Level level;
  private final int heads;
  private final int dim;
  private final int blockTokens;
  private final List<int[]> counts = new ArrayList<>();
  private long tokens;

  /**
   * How many bins each layer has, by the place of the layer in the model.
   *
   * @param name in reports
   * @param keyBins of the first, the second and the last third of the layers
   * @param firstValueBins of the values of the first sixteenth of the layers
   * @param valueBins of the others
   * @param layers layers of the model
   */
  record Level(String name, List<Integer> keyBins, int firstValueBins, int valueBins, int layers) {
    int keys(int layer) {
      return keyBins.get(Math.min(2, 3 * layer / layers));
    }

    int values(int layer) {
      return layer < Math.max(1, layers / 16) ? firstValueBins : valueBins;
    }

    /** The three levels that are published. */
    static List<Level> published(int layers) {
      return List.of(
          new Level("CacheGen level 3", List.of(32, 32, 32), 32, 32, layers),
          new Level("CacheGen level 2", List.of(32, 16, 16), 32, 16, layers),
          new Level("CacheGen level 1", List.of(16, 16, 12), 16, 12, layers));
    }
  }

  CacheGenKv(Level level, int heads, int dim, int blockTokens) {
    this.level = level;
    this.heads = heads;
    this.dim = dim;
    this.blockTokens = blockTokens;
    for (int i = 0; i < 2 * level.layers() * heads * dim; i++) {
      counts.add(new int[256]);
    }
  }

  @Override
  public String name() {
    return level.name();
  }

  @Override
  public void pass(int layer, float[] keys, float[] values) {
    quantize(keys, level.keys(layer), 2 * layer);
    quantize(values, level.values(layer), 2 * layer + 1);
    tokens += layer == 0 ? blockTokens : 0;
  }

  private void quantize(float[] rows, int bins, int section) {
    int most = bins / 2 - 1;
    for (int token = 0; token < blockTokens; token++) {
      float peak = 0;
      for (int channel = 0; channel < heads * dim; channel++) {
        peak = Math.max(peak, Math.abs(rows[at(token, channel)]));
      }
      float scale = Float.float16ToFloat(Float.floatToFloat16(peak));
      for (int channel = 0; channel < heads * dim; channel++) {
        int at = at(token, channel);
        int symbol =
            scale == 0 ? 0 : Math.clamp((int) Math.rint(rows[at] * most / scale), -most, most);
        counts.get(section * heads * dim + channel)[symbol + most]++;
        rows[at] = symbol * scale / most;
      }
    }
  }

  private int at(int token, int channel) {
    return (channel / dim * blockTokens + token) * dim + channel % dim;
  }

  /**
   * With one table for each channel of the model, made from these very tokens and not counted: the
   * least that the published method can take.
   */
  @Override
  public double bitsPerValue() {
    double bits = counts.stream().mapToDouble(SymbolCounts::entropyBits).sum();
    double scales = 2.0 * level.layers() * tokens * Short.SIZE;
    return (bits + scales) / (counts.size() * (double) tokens);
  }

  /** What its tables and stream lengths add where they are sent with every 256 tokens. */
  @Override
  public double tableBitsPerValue() {
    return (TABLE_ENTRIES * Short.SIZE + Integer.SIZE) / (double) CHUNK_TOKENS;
  }
}
