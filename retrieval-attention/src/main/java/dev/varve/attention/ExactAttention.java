package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of one layer for consecutive queries, over blocks shown one by one in ascending
 * token order: the caller needs to hold only one block at a time.
 *
 * <p>There is exactly one partial per query and block, and partials are folded in the order of the
 * blocks. So a query gets the same bits however the prompt was cut into steps and wherever the
 * blocks came from. Buffers grow and are reused. For one thread at a time.
 */
public final class ExactAttention {

  private final BlockAttention attention;
  private final FloatRows queryRows = new FloatRows();
  private final Partials sums = new Partials();
  private final Partials part = new Partials();
  private @Nullable LayerShape shape;
  private int tokens;
  private int position;
  private float[] queries = {};

  /** Attention with the kernels of {@code backend}. */
  public ExactAttention(Backend backend) {
    attention = new BlockAttention(backend);
  }

  /**
   * Begins with the queries of {@code tokens} consecutive tokens.
   *
   * @param shape the layer
   * @param source queries {@code [tokens][queryHeads][keyDim]} from {@code offset} on; copied
   * @param position position of the first query
   */
  public void start(LayerShape shape, float[] source, int offset, int position, int tokens) {
    if (shape.rope().dims() > 0 && shape.rope().stored() == RopeSpec.Stored.PRE_ROPE) {
      throw new IllegalArgumentException(
          "keys that are stored before RoPE must be turned first: exact attention reads POST_ROPE");
    }
    this.shape = shape;
    this.tokens = tokens;
    this.position = position;
    int dim = shape.keyDim();
    int group = shape.group();
    int length = Math.multiplyExact(tokens * shape.queryHeads(), dim);
    Objects.checkFromIndexSize(offset, length, source.length);
    queries = queries.length < length ? new float[length] : queries;
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int t = 0; t < tokens; t++) {
        int from = offset + (t * shape.queryHeads() + head * group) * dim;
        System.arraycopy(source, from, queries, row(head, t) * dim, group * dim);
      }
    }
    sums.reset(tokens * shape.queryHeads(), shape.valueDim());
  }

  /**
   * Whether any query sees a token of the block whose {@code count} tokens begin at {@code first}.
   */
  public boolean needs(int first, int count) {
    LayerShape layer = started();
    return first <= position + tokens - 1 && first + count > layer.firstVisible(position);
  }

  /**
   * Attends a block; blocks come in ascending order.
   *
   * @param bytes borrowed until this returns
   * @param first position of its first token
   * @param count tokens it holds
   */
  public void addBlock(MemorySegment bytes, BlockGeometry geometry, int first, int count) {
    LayerShape layer = started();
    for (int t = 0; t < tokens; ) {
      int from = firstRow(layer, t, first);
      int visible = rowsSeen(layer, t, first, count);
      int run = 1;
      while (t + run < tokens
          && firstRow(layer, t + run, first) == from
          && rowsSeen(layer, t + run, first, count) == visible) {
        run++;
      }
      for (int head = 0; visible > 0 && head < layer.kvHeads(); head++) {
        attend(new BlockAttention.Tile(bytes, geometry, head, from, visible), layer, t, run);
      }
      t += run;
    }
  }

  private void attend(BlockAttention.Tile tile, LayerShape layer, int t, int run) {
    int row = row(tile.head(), t);
    int count = run * layer.group();
    queryRows.at(queries, row * layer.keyDim(), layer.keyDim(), count);
    attention.attend(tile, queryRows, layer, part);
    for (int i = 0; i < count; i++) {
      sums.fold(row + i, part, i);
    }
  }

  /** Writes the outputs {@code [tokens][queryHeads][valueDim]} from {@code offset} on. */
  public void finish(float[] out, int offset) {
    LayerShape layer = started();
    int dim = layer.valueDim();
    int group = layer.group();
    for (int head = 0; head < layer.kvHeads(); head++) {
      for (int t = 0; t < tokens; t++) {
        int to = offset + (t * layer.queryHeads() + head * group) * dim;
        System.arraycopy(sums.outputs(), row(head, t) * dim, out, to, group * dim);
      }
    }
  }

  /** Writes the log-sum-exps {@code [tokens][queryHeads]} from {@code offset} on. */
  public void finishLogSumExps(float[] out, int offset) {
    LayerShape layer = started();
    int group = layer.group();
    for (int head = 0; head < layer.kvHeads(); head++) {
      for (int t = 0; t < tokens; t++) {
        int to = offset + t * layer.queryHeads() + head * group;
        System.arraycopy(sums.logSumExps(), row(head, t), out, to, group);
      }
    }
  }

  /** Queries of one KV head lie together, token by token. */
  private int row(int head, int t) {
    return (head * tokens + t) * started().group();
  }

  private int firstRow(LayerShape layer, int t, int first) {
    return Math.max(0, layer.firstVisible(position + t) - first);
  }

  private int rowsSeen(LayerShape layer, int t, int first, int count) {
    int end = Math.min(count, position + t - first + 1);
    return Math.max(0, end - firstRow(layer, t, first));
  }

  private LayerShape started() {
    if (shape == null) {
      throw new IllegalStateException("no queries yet: start first");
    }
    return shape;
  }
}
