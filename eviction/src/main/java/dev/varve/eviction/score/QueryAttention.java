package dev.varve.eviction.score;

import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.SoftmaxKernel;

/**
 * Attention of an observation's newest queries, row by row, computed from queries and keys: softmax
 * over every token that a query may see, the newest included, and zero for the others.
 */
final class QueryAttention {
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
    if (isGiven(layer, count)) {
      given(layer, count, rows);
      return;
    }
    SoftmaxKernel softmax = workspace.softmax();
    float scale = layer.shape().scale();
    float cap = layer.shape().logitSoftCap();
    QueryProducts.rows(
        layer,
        count,
        workspace,
        (head, age, dots, at, from, to) -> {
          softmax.softmax(dots, at + from, to - from, scale, cap);
          rows.row(head, age, dots, at, from, to);
        });
  }

  private static boolean isGiven(Observation layer, int count) {
    return layer.attention().map(AttentionRows::count).orElse(0) >= Math.max(1, count);
  }

  private static void given(Observation layer, int count, Rows rows) {
    AttentionRows given = layer.attention().orElseThrow();
    for (int head = 0; head < given.heads(); head++) {
      for (int age = count - 1; age >= 0; age--) {
        rows.row(head, age, given.values(), given.offset(head, age), 0, layer.tokens());
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
    if (isGiven(layer, count)) {
      given(
          layer,
          count,
          (head, age, weights, at, from, to) ->
              add(columns[head], weights, at, from, to, weight.of(age)));
      return columns;
    }
    SoftmaxKernel softmax = workspace.softmax();
    float scale = layer.shape().scale();
    float cap = layer.shape().logitSoftCap();
    QueryProducts.rows(
        layer,
        count,
        workspace,
        (head, age, dots, at, from, to) -> {
          var row = new SoftmaxKernel.Products(dots, at + from, to - from, scale, cap);
          softmax.addShares(row, weight.of(age), columns[head], from);
        });
    return columns;
  }

  /**
   * Weighted sums over all queries: those that somebody kept while they attended, or computed.
   *
   * @param weight of a query by its age, which sums that were kept have in them
   */
  static float[][] sums(Observation layer, AgeWeight weight, Workspace workspace) {
    float[][] kept = layer.given().get(Signal.ATTENTION_SUMS);
    if (kept == null) {
      return columns(layer, available(layer), weight, workspace);
    }
    if (kept.length != layer.shape().queryHeads()) {
      throw new IllegalArgumentException(
          "%s come in %d rows: needed are %d, one for each query head"
              .formatted(Signal.ATTENTION_SUMS.words(), kept.length, layer.shape().queryHeads()));
    }
    float[][] sums = new float[kept.length][];
    for (int head = 0; head < kept.length; head++) {
      sums[head] = kept[head].clone();
    }
    return sums;
  }

  /** How many of the queries that {@link #sums} adds up see each token. */
  static int[] observers(Observation layer) {
    if (!layer.given().containsKey(Signal.ATTENTION_SUMS)) {
      return observers(layer, available(layer));
    }
    int[] observers = new int[layer.tokens()];
    int window = layer.shape().window();
    for (int i = 0; i < observers.length; i++) {
      int position = layer.positions().at(i);
      int last = window == 0 ? layer.newest() : Math.min(layer.newest(), position + window - 1);
      observers[i] = last - position + 1;
    }
    return observers;
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
