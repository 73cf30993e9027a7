package dev.varve.eviction.score;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;

/** Dot products of an observation's newest queries with its keys, a batch of rows at a time. */
final class QueryProducts {
  private static final int FLOATS = 1 << 23;
  private static final int BESIDE = 16;

  private QueryProducts() {}

  /** A part of the queries and where the rows of their products lie. */
  private record Batch(int first, int size, int stride) {}

  /**
   * Gives the rows of the newest {@code count} queries, KV head by KV head, oldest first. Products
   * with tokens that a query does not see are in the array too, outside of what it is told.
   */
  static void rows(Observation layer, int count, Workspace workspace, QueryAttention.Rows rows) {
    int group = layer.shape().group();
    // One cache line more than whole ones, or the rows of a batch would share a few cache sets.
    int stride = ((layer.tokens() + BESIDE - 1) & -BESIDE) + BESIDE;
    int batch = Math.clamp(FLOATS / ((long) stride * group), 1, Math.max(1, count));
    int end = layer.queries().count();
    for (int head = 0; head < layer.shape().kvHeads(); head++) {
      for (int first = end - count; first < end; first += batch) {
        Batch part = new Batch(first, Math.min(batch, end - first), stride);
        batch(layer, head, part, workspace, rows);
      }
    }
  }

  private static void batch(
      Observation layer, int head, Batch batch, Workspace workspace, QueryAttention.Rows rows) {
    QueryRows queries = layer.queries();
    int group = layer.shape().group();
    int count = group * batch.size;
    int width = batch.size * queries.dim();
    float[] packed = workspace.packed(group * width);
    for (int g = 0; g < group; g++) {
      int from = queries.offset(head * group + g, batch.first);
      System.arraycopy(queries.values(), from, packed, g * width, width);
    }
    float[] products = workspace.floats(Math.multiplyExact(count, batch.stride));
    workspace.multiply(layer.keys(), head, packed, count, products, batch.stride);
    for (int row = 0; row < count; row++) {
      int query = batch.first + row % batch.size;
      int position = queries.first() + query;
      rows.row(
          head * group + row / batch.size,
          queries.count() - 1 - query,
          products,
          row * batch.stride,
          layer.visibleStart(position),
          layer.visibleEnd(position));
    }
  }
}
