package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.FloatRows;
import java.util.Arrays;
import java.util.Objects;

/**
 * The queries of one layer in one step, ordered by KV head: query head {@code h} belongs to KV head
 * {@code floor(h / group)}. Keeps their mean over the tokens of the step too, which is the query
 * itself in decode. Reusable, for one thread; allocates only when a step is larger than every step
 * before.
 */
public final class StepQueries {
  private final LayerShape shape;
  private final FloatRows view = new FloatRows();
  private float[] packed = {};
  private final float[] mean;
  private int firstPosition;
  private int tokens;

  /** Queries of layers of that shape. */
  public StepQueries(LayerShape shape) {
    this.shape = Objects.requireNonNull(shape, "shape");
    this.mean = new float[shape.queryHeads() * shape.keyDim()];
  }

  /**
   * Copies the queries of a step.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]} from {@code offset}, positions already in
   * @param firstPosition position of the first token
   * @param tokens tokens of the step, at least 1
   */
  public StepQueries set(float[] queries, int offset, int firstPosition, int tokens) {
    int dim = shape.keyDim();
    int group = shape.group();
    int floats = Math.multiplyExact(Checks.positive(tokens, "tokens"), mean.length);
    Objects.checkFromIndexSize(offset, floats, queries.length);
    this.firstPosition = Checks.notNegative(firstPosition, "firstPosition");
    this.tokens = tokens;
    if (packed.length < floats) {
      packed = new float[floats];
    }
    for (int t = 0; t < tokens; t++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        int from = offset + (t * shape.queryHeads() + head * group) * dim;
        System.arraycopy(queries, from, packed, ((head * tokens) + t) * group * dim, group * dim);
      }
    }
    average(queries, offset);
    return this;
  }

  private void average(float[] queries, int offset) {
    System.arraycopy(queries, offset, mean, 0, mean.length);
    if (tokens == 1) {
      return;
    }
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (int t = 0; t < tokens; t++) {
        sum += queries[offset + t * mean.length + i];
      }
      mean[i] = (float) (sum / tokens);
    }
  }

  /** The layer. */
  public LayerShape shape() {
    return shape;
  }

  /** Position of the first token. */
  public int firstPosition() {
    return firstPosition;
  }

  /** Position after the last token: how many tokens the last query sees. */
  public int endPosition() {
    return firstPosition + tokens;
  }

  /** Tokens of the step. */
  public int tokens() {
    return tokens;
  }

  /**
   * All queries of a KV head's group, {@code [token][head of the group]}. The view is valid until
   * the next call of this method or of {@link #mean(int)}.
   */
  public FloatRows all(int kvHead) {
    int rows = tokens * shape.group();
    return view.at(packed, kvHead * rows * shape.keyDim(), shape.keyDim(), rows);
  }

  /** The mean over the tokens of each query head of the group, a view as {@link #all}. */
  public FloatRows mean(int kvHead) {
    int at = kvHead * shape.group() * shape.keyDim();
    return view.at(mean, at, shape.keyDim(), shape.group());
  }

  /** The mean of all heads, {@code [queryHeads][keyDim]}, in a new array. */
  public float[] fingerprint() {
    return mean.clone();
  }

  /** Copies the mean of all heads. */
  public void fingerprint(float[] target) {
    System.arraycopy(mean, 0, target, 0, mean.length);
  }

  /** Cosine between a fingerprint and this step's; 1 if both are zero, 0 if one is. */
  public double cosine(float[] fingerprint) {
    double dot = 0;
    double mine = 0;
    double other = 0;
    for (int i = 0; i < mean.length; i++) {
      dot += (double) mean[i] * fingerprint[i];
      mine += (double) mean[i] * mean[i];
      other += (double) fingerprint[i] * fingerprint[i];
    }
    if (mine == 0 || other == 0) {
      return Arrays.equals(mean, fingerprint) ? 1 : 0;
    }
    return dot / Math.sqrt(mine * other);
  }
}
