package dev.varve.attention.prefill;

import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.StepQueries;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.util.BitSet;

/**
 * The vertical-slash pattern of MInference (Jiang et al., 2024): the attention of the chunk's last
 * queries is added up by column and by diagonal; the heaviest columns and diagonals are read, the
 * first columns and the nearest diagonals always.
 */
public final class VerticalSlashPattern implements PrefillPattern {
  private static final int FORCED_COLUMNS = 30;
  private static final int FORCED_DIAGONALS = 100;

  private final int verticals;
  private final int slashes;
  private final int observed;
  private final SampledRows rows;

  /**
   * @param verticals columns to read, at least the 30 first ones
   * @param slashes diagonals to read, at least the 100 nearest ones
   * @param observed last queries of the chunk that are looked at; the paper's 64
   */
  public VerticalSlashPattern(int verticals, int slashes, int observed, Backend backend) {
    this.verticals = Math.max(FORCED_COLUMNS, Checks.notNegative(verticals, "verticals"));
    this.slashes = Math.max(FORCED_DIAGONALS, Checks.notNegative(slashes, "slashes"));
    this.observed = Checks.positive(observed, "observed");
    this.rows = new SampledRows(backend);
  }

  @Override
  public void choose(StepQueries chunk, KeyScores keys, int blockTokens, BitSet[] blocks) {
    int end = chunk.endPosition();
    int group = chunk.shape().group();
    int first = Math.max(0, chunk.tokens() - observed);
    for (int head = 0; head < blocks.length; head++) {
      float[] sampled = rows.compute(chunk, keys, head, first, 1);
      for (int g = 0; g < group; g++) {
        double[] columns = new double[end];
        double[] diagonals = new double[end];
        for (int t = first; t < chunk.tokens(); t++) {
          int row = ((t - first) * group + g) * end;
          int position = chunk.firstPosition() + t;
          for (int i = 0; i <= position; i++) {
            columns[i] += sampled[row + i];
            diagonals[position - i] += sampled[row + i];
          }
        }
        blocks[head].or(lines(chunk, columns, diagonals, blockTokens));
      }
    }
  }

  private BitSet lines(StepQueries chunk, double[] columns, double[] diagonals, int blockTokens) {
    int end = chunk.endPosition();
    BitSet vertical = new BitSet(end);
    vertical.set(0, Math.min(end, FORCED_COLUMNS));
    MassOrder.takeCount(columns, end, verticals - vertical.cardinality(), vertical);
    BitSet slash = new BitSet(end);
    slash.set(0, Math.min(end, FORCED_DIAGONALS));
    MassOrder.takeCount(diagonals, end, slashes - slash.cardinality(), slash);
    return blocks(chunk, vertical, slash, blockTokens);
  }

  /** The blocks that columns touch, and diagonals as they pass through the chunk's queries. */
  static BitSet blocks(StepQueries chunk, BitSet columns, BitSet diagonals, int blockTokens) {
    BitSet blocks = new BitSet();
    columns.stream().forEach(column -> blocks.set(column / blockTokens));
    int last = chunk.endPosition() - 1;
    diagonals.stream()
        .filter(distance -> distance <= last)
        .forEach(distance -> {
          int from = Math.max(0, chunk.firstPosition() - distance);
          blocks.set(from / blockTokens, (last - distance) / blockTokens + 1);
        });
    return blocks;
  }
}
