package dev.varve.eviction.score;

import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;
import java.util.Optional;

/**
 * Attention of an observation's newest queries, row by row, computed from queries and keys: softmax
 * over every token that a query may see, the newest included, and zero for the others.
 */
final class QueryAttention {
  private static final int LOGITS = 1 << 23;
  private static final int BESIDE = 16;

  private QueryAttention() {}

  /** Hears one row of attention. */
  @FunctionalInterface
  interface Rows {
    /**
     * Takes the row of one query of one head.
     *
     * @param queryHead the head that asks
     * @param age 0 for the newest query, 1 for the one before
     * @param weights weight of token {@code t} at {@code weights[at + t]}; valid during the call
     * @param from first token with a weight
     * @param to end of the tokens with a weight
     */
    void row(int queryHead, int age, float[] weights, int at, int from, int to);
  }

  /** How many queries there are whose attention is given or can be computed. */
  static int available(Observation layer) {
    int given = layer.attention().map(AttentionRows::count).orElse(0);
    return Math.max(given, layer.queries().count());
  }

  /** The rows of the newest {@code count} queries, KV head by KV head, oldest first. */
  static void rows(Observation layer, int count, Workspace workspace, Rows rows) {
    Optional<AttentionRows> given = layer.attention();
    if (given.isPresent() && given.get().count() >= count) {
      given(layer, given.get(), count, rows);
      return;
    }
    int tokens = layer.tokens();
    int group = layer.shape().group();
    // An odd multiple of a cache line apart, or the rows of a tile would share a few cache sets.
    int stride = ((tokens + BESIDE - 1) & -BESIDE) + BESIDE;
    int batch = Math.clamp(LOGITS / ((long) stride * group), 1, Math.max(1, count));
    for (int head = 0; head < layer.shape().kvHeads(); head++) {
      for (int first = layer.queries().count() - count; first < layer.queries().count(); ) {
        int size = Math.min(batch, layer.queries().count() - first);
        batch(layer, head, new Batch(first, size, stride), workspace, rows);
        first += size;
      }
    }
  }

  private static void given(Observation layer, AttentionRows given, int count, Rows rows) {
    for (int head = 0; head < given.heads(); head++) {
      for (int age = count - 1; age >= 0; age--) {
        rows.row(head, age, given.values(), given.offset(head, age), 0, layer.tokens());
      }
    }
  }

  private record Batch(int first, int size, int stride) {}

  private static void batch(
      Observation layer, int head, Batch batch, Workspace workspace, Rows rows) {
    QueryRows queries = layer.queries();
    int group = layer.shape().group();
    int dim = queries.dim();
    float[] packed = workspace.packed(group * batch.size * dim);
    for (int g = 0; g < group; g++) {
      int from = queries.offset(head * group + g, batch.first);
      System.arraycopy(queries.values(), from, packed, g * batch.size * dim, batch.size * dim);
    }
    float[] logits = workspace.floats(Math.multiplyExact(group * batch.size, batch.stride));
    workspace.multiply(layer.keys(), head, packed, group * batch.size, logits, batch.stride);
    float scale = layer.shape().scale();
    float cap = layer.shape().logitSoftCap();
    for (int g = 0; g < group; g++) {
      for (int i = 0; i < batch.size; i++) {
        int position = queries.first() + batch.first + i;
        int from = layer.visibleStart(position);
        int to = layer.visibleEnd(position);
        int at = (g * batch.size + i) * batch.stride;
        workspace.softmax().softmax(logits, at + from, to - from, scale, cap);
        int age = queries.count() - 1 - (batch.first + i);
        rows.row(head * group + g, age, logits, at, from, to);
      }
    }
  }

  /** Weight of a query's row in a sum over queries. */
  @FunctionalInterface
  interface AgeWeight {
    /** The weight of the query that is {@code age} positions old. */
    float of(int age);
  }

  /** Weighted sums over the newest {@code count} queries: {@code [queryHeads][tokens]}. */
  static float[][] columns(Observation layer, int count, AgeWeight weight, Workspace workspace) {
    float[][] columns = new float[layer.shape().queryHeads()][layer.tokens()];
    rows(
        layer,
        count,
        workspace,
        (head, age, weights, at, from, to) ->
            add(columns[head], weights, at, from, to, weight.of(age)));
    return columns;
  }

  /** Sums over the newest {@code count} queries. */
  static float[][] columns(Observation layer, int count, Workspace workspace) {
    return columns(layer, count, age -> 1f, workspace);
  }

  /** Largest weights among the newest {@code count} queries: {@code [queryHeads][tokens]}. */
  static float[][] peaks(Observation layer, int count, Workspace workspace) {
    float[][] peaks = new float[layer.shape().queryHeads()][layer.tokens()];
    rows(
        layer,
        count,
        workspace,
        (head, age, weights, at, from, to) -> {
          float[] peak = peaks[head];
          for (int i = from; i < to; i++) {
            peak[i] = Math.max(peak[i], weights[at + i]);
          }
        });
    return peaks;
  }

  /** How many of the newest {@code count} queries see each token. */
  static int[] observers(Observation layer, int count) {
    int[] observers = new int[layer.tokens()];
    int newest = layer.newest();
    for (int age = 0; age < count; age++) {
      int from = layer.visibleStart(newest - age);
      int to = layer.visibleEnd(newest - age);
      for (int i = from; i < to; i++) {
        observers[i]++;
      }
    }
    return observers;
  }

  /** Divides sums by how many queries see each token; 0 where none does. */
  static void normalize(float[][] columns, int[] observers) {
    for (float[] column : columns) {
      for (int i = 0; i < column.length; i++) {
        column[i] = observers[i] == 0 ? 0f : column[i] / observers[i];
      }
    }
  }

  /** The average of rows. */
  static float[] mean(float[][] rows) {
    float[] mean = new float[rows[0].length];
    for (float[] row : rows) {
      add(mean, row, 0, 0, mean.length, 1f / rows.length);
    }
    return mean;
  }

  private static void add(float[] sums, float[] weights, int at, int from, int to, float factor) {
    for (int i = from; i < to; i++) {
      sums[i] += factor * weights[at + i];
    }
  }
}
