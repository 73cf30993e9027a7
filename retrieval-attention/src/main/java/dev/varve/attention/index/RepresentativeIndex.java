package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import dev.varve.store.kernel.TopKKernel;
import java.util.BitSet;

/**
 * The block memory of ActQKV (Xiao et al., 2025): each block is the mean of a few representative
 * keys, all heads one after the other; blocks are picked for all heads together by the cosine with
 * the {@link ActivationProbe}, whose query heads are added up by group.
 *
 * <p>The paper takes as representatives the tokens with the most local attention from the queries
 * of their own chunk. An index sees keys only, so here the keys of the block stand in for those
 * queries: a token is representative that the block's keys attend to most.
 */
public final class RepresentativeIndex implements StoredIndex {
  private final LayerShape shape;
  private final int block;
  private final int representatives;
  private final SummaryRows rows;
  private final ActivationProbe probe;
  private final Backend backend;
  private final DotKernel kernel;
  private final TopKKernel topK;
  private final StoredRows view = new StoredRows();
  private final FloatRows vector = new FloatRows();
  private final FloatRows out = new FloatRows();
  private final float[] pending;
  private final float[] folded;
  private float[] scores = {};
  private int[] places;
  private int pendingTokens;

  /**
   * An index without keys.
   *
   * @param block tokens of a block
   * @param representatives of each block, at most {@code block}
   */
  public RepresentativeIndex(LayerShape shape, int block, int representatives, Backend backend) {
    this.shape = shape;
    this.block = Checks.positive(block, "block");
    this.representatives = Checks.inRange(representatives, 1, block, "representatives");
    int columns = shape.kvHeads() * shape.keyDim();
    this.rows = new SummaryRows(1, columns, Dtype.F32);
    this.probe = new ActivationProbe(shape);
    this.backend = backend;
    this.kernel = DotKernel.of(backend);
    this.topK = TopKKernel.of(backend);
    this.pending = new float[block * columns];
    this.folded = new float[columns];
    this.places = new int[representatives];
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public int tokens() {
    return rows.rows() * block;
  }

  @Override
  public int appended() {
    return tokens() + pendingTokens;
  }

  @Override
  public void append(KeySpan keys, int[] tokenIds) {
    keys.require(shape.kvHeads(), shape.keyDim());
    DtypeKernel loader = DtypeKernel.of(backend, keys.dtype());
    int dim = shape.keyDim();
    for (int t = 0; t < keys.tokens(); t++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        keys.point(view, head, t, 1);
        int to = (pendingTokens * shape.kvHeads() + head) * dim;
        loader.load(view.bytes(), view.offset(0), pending, to, dim);
      }
      if (++pendingTokens == block) {
        seal();
      }
    }
  }

  @Override
  public int truncate(int left) {
    if (left >= tokens()) {
      pendingTokens = Math.min(pendingTokens, left - tokens());
      return appended();
    }
    rows.resize(left / block);
    pendingTokens = 0;
    return tokens();
  }

  private void seal() {
    int columns = rows.columns();
    float[] received = new float[block];
    float[] shares = new float[block];
    for (int q = 0; q < block; q++) {
      float sum = 0;
      for (int t = 0; t < block; t++) {
        shares[t] = dot(pending, q * columns, pending, t * columns, columns);
        sum = Math.max(t == 0 ? shares[0] : sum, shares[t]);
      }
      float largest = sum;
      double total = 0;
      for (int t = 0; t < block; t++) {
        shares[t] = (float) Math.exp((shares[t] - largest) * shape.scale() / shape.kvHeads());
        total += shares[t];
      }
      for (int t = 0; t < block; t++) {
        received[t] += (float) (shares[t] / total);
      }
    }
    int count = topK.select(received, 0, block, representatives, places);
    float[] mean = new float[columns];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < columns; c++) {
        mean[c] += pending[places[i] * columns + c] / count;
      }
    }
    rows.resize(rows.rows() + 1);
    rows.set(0, rows.rows() - 1, mean, 0);
    pendingTokens = 0;
  }

  private static float dot(float[] a, int at, float[] b, int from, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[at + i] * b[from + i];
    }
    return sum;
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    fold(probe.probe(queries));
    int first = from / block;
    int end = Math.ceilDiv(to, block);
    int count = end - first;
    if (scores.length < count) {
      scores = new float[2 * count];
    }
    kernel.multiply(
        rows.view(view, 0, first, count),
        vector.at(folded, 0, folded.length, 1),
        out.at(scores, 0, count, 1));
    float[] row = new float[rows.columns()];
    for (int i = 0; i < count; i++) {
      rows.get(0, first + i, row, 0);
      double norm = Math.sqrt(dot(row, 0, row, 0, row.length));
      scores[i] = norm == 0 ? 0 : (float) (scores[i] / norm);
    }
    int wanted = Math.min(count, Math.max(1, budget / block));
    if (places.length < wanted) {
      places = new int[wanted];
    }
    topK.select(scores, 0, count, wanted, places);
    for (int i = 0; i < wanted; i++) {
      int start = (first + places[i]) * block;
      picks[0].set(Math.max(from, start), Math.min(to, start + block));
    }
    return count * rows.rowBytes();
  }

  private void fold(float[] query) {
    int dim = shape.keyDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int i = 0; i < dim; i++) {
        float sum = 0;
        for (int g = 0; g < shape.group(); g++) {
          sum += query[(head * shape.group() + g) * dim + i];
        }
        folded[head * dim + i] = sum;
      }
    }
  }

  @Override
  public long bytes() {
    return rows.bytes();
  }

  @Override
  public void write(IndexOutput target) {
    target.integer(rows.rows());
    target.integer(pendingTokens);
    target.bytes(rows.head(0));
    target.reals(pending, pending.length);
  }

  @Override
  public void restore(IndexInput in) {
    int blocks = in.integer(0, Integer.MAX_VALUE / block, "blocks");
    pendingTokens = in.integer(0, block - 1, "tokens of the last block");
    in.need(blocks * rows.rowBytes() + 4L * pending.length, "the rows");
    rows.resize(blocks);
    in.bytes(rows.head(0), "the rows");
    System.arraycopy(in.reals(pending.length, "a key"), 0, pending, 0, pending.length);
  }
}
