package dev.varve.sdk.internal.memory;

import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.MemorySegment;

/**
 * Computes how a step's attention is spread over the rows of a layer, and adds it to their sums:
 * one more multiplication of the step's queries with the keys. Queries are taken in batches, so
 * that memory is bounded; sums are added query by query, so they do not depend on how a prompt was
 * cut. For one thread at a time; allocates nothing once it has seen the largest step.
 */
public final class AttentionFollower implements RowSource.Visitor {

  private static final int FLOATS = 1 << 22;
  private static final int BESIDE = 16;

  private final ModelGeometry geometry;
  private final double decay;
  private final DotKernel dots;
  private final SoftmaxKernel softmax;
  private final StoredRows keys = new StoredRows();
  private final FloatRows vectors = new FloatRows();
  private final FloatRows results = new FloatRows();
  private float[] packed = {};
  private float[] products = {};
  private BlockGeometry block;
  private int dim;
  private int vectorCount;
  private int stride;

  /**
   * @param decay how much an earlier query counts for each later one
   */
  public AttentionFollower(ModelGeometry geometry, Backend backend, double decay) {
    this.geometry = geometry;
    this.decay = decay;
    this.dots = DotKernel.of(backend);
    this.softmax = SoftmaxKernel.of(backend);
    this.block = geometry.block(0);
  }

  /**
   * Adds the attention of the queries of {@code tokens} tokens from {@code position} on.
   *
   * @param rows all rows that these see, their own included
   * @param sums of every KV head; row {@code r} of {@code rows} is row {@code r + offset} there
   * @param queries {@code [tokens][queryHeads][keyDim]}
   */
  public void follow(
      int layer,
      RowSource rows,
      HeadSums[] sums,
      int offset,
      float[] queries,
      int position,
      int tokens) {
    LayerShape shape = geometry.shape().layers().get(layer);
    int most = 0;
    float before = (float) Math.pow(decay, tokens);
    for (int head = 0; head < sums.length; head++) {
      int count = rows.rows(layer, head);
      most = Math.max(most, count);
      sums[head].begin(offset + count - tokens, offset + count, before);
    }
    block = geometry.block(layer);
    dim = shape.keyDim();
    stride = ((most + BESIDE - 1) & -BESIDE) + BESIDE;
    int batch = Math.clamp(FLOATS / ((long) stride * shape.queryHeads()), 1, tokens);
    for (int first = 0; first < tokens; first += batch) {
      int count = Math.min(batch, tokens - first);
      pack(shape, queries, first, count);
      rows.visit(layer, this);
      for (int head = 0; head < sums.length; head++) {
        add(layer, shape, rows, head, sums[head], offset, position + first, count, tokens - first);
      }
    }
  }

  /** Queries {@code [kvHeads][group][count][dim]}, and room for their products. */
  private void pack(LayerShape shape, float[] queries, int first, int count) {
    int heads = shape.queryHeads();
    vectorCount = shape.group() * count;
    packed = grown(packed, heads * count * dim);
    products = grown(products, Math.multiplyExact(heads * count, stride));
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < count; t++) {
        int from = ((first + t) * heads + head) * dim;
        System.arraycopy(queries, from, packed, (head * count + t) * dim, dim);
      }
    }
  }

  @Override
  public void rows(int head, MemorySegment bytes, int stripe, int at, int first, int count) {
    keys.layout(block.dtype(), dim, block.keyRowBytes())
        .at(bytes, block.keyOffset(stripe, at), count);
    vectors.at(packed, head * vectorCount * dim, dim, vectorCount);
    dots.multiply(
        keys,
        vectors,
        results.at(products, head * vectorCount * stride + first, stride, vectorCount));
  }

  /**
   * @param left tokens from the first of these to the newest of the step
   */
  private void add(
      int layer,
      LayerShape shape,
      RowSource rows,
      int head,
      HeadSums sums,
      int offset,
      int position,
      int count,
      int left) {
    float[] bias = rows.bias(layer, head);
    for (int t = 0; t < count; t++) {
      int from = below(rows, layer, head, shape.firstVisible(position + t));
      int to = below(rows, layer, head, position + t + 1);
      float factor = (float) Math.pow(decay, left - 1 - t);
      for (int g = 0; g < shape.group(); g++) {
        int at = (head * vectorCount + g * count + t) * stride + from;
        softmax.softmax(products, at, to - from, shape.scale(), shape.logitSoftCap(), bias, from);
        sums.add(g, offset + from, products, at, to - from, factor);
      }
    }
  }

  /** Rows at positions below {@code position}. */
  private static int below(RowSource rows, int layer, int head, int position) {
    int low = 0;
    int high = rows.rows(layer, head);
    if (position <= 0 || high == 0 || rows.position(layer, head, high - 1) < position) {
      return position <= 0 ? 0 : high;
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (rows.position(layer, head, middle) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static float[] grown(float[] buffer, int length) {
    return buffer.length >= length ? buffer : new float[Math.max(length, 2 * buffer.length)];
  }
}
