package dev.varve.llamacpp.observe;

import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.store.LayerShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what the layers of a prompt attend with, from its first token on, and shows it to
 * eviction policies. Keys and values are those before the cache rounds them. For one thread.
 */
public final class PromptObserver implements LayerObserver {

  private final LayerShape shape;
  private final int queries;
  private final List<Rows> layers = new ArrayList<>();

  /**
   * Observes a model.
   *
   * @param queries newest queries that are wanted, {@link Integer#MAX_VALUE} for all
   */
  public PromptObserver(ModelDimensions model, int queries) {
    this.shape = model.layer();
    this.queries = queries;
    for (int layer = 0; layer < model.layers(); layer++) {
      layers.add(new Rows());
    }
  }

  /** The passes of one layer. */
  private static final class Rows {
    private final List<float[]> queries = new ArrayList<>();
    private final List<float[]> keys = new ArrayList<>();
    private final List<float[]> values = new ArrayList<>();
    private int tokens;
  }

  @Override
  public void layer(
      int layer, int first, int tokens, float[] queryRows, float[] keys, float[] values) {
    Rows rows = layers.get(layer);
    if (first != rows.tokens) {
      throw new IllegalStateException(
          "a prompt is observed from its first token on: token %d follows %d"
              .formatted(first, rows.tokens - 1));
    }
    rows.queries.add(queryRows);
    rows.keys.add(keys);
    rows.values.add(values);
    rows.tokens += tokens;
  }

  /** Tokens observed. */
  public int tokens() {
    return layers.getFirst().tokens;
  }

  /** What was observed of every layer; at least one token. */
  public List<Observation> observations() {
    List<Observation> all = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      Rows rows = layers.get(layer);
      int kvHeads = shape.kvHeads();
      int tokens = rows.tokens;
      int newest = Math.min(queries, tokens);
      float[] keys = byHead(rows.keys, tokens, tokens, kvHeads, shape.keyDim());
      float[] values = byHead(rows.values, tokens, tokens, kvHeads, shape.valueDim());
      QueryRows seen =
          newest == 0
              ? QueryRows.none()
              : new QueryRows(
                  byHead(rows.queries, tokens, newest, shape.queryHeads(), shape.keyDim()),
                  shape.queryHeads(),
                  newest,
                  shape.keyDim(),
                  tokens - newest);
      all.add(
          Observation.prompt(
              layer,
              shape,
              DenseRows.of(keys, kvHeads, tokens, shape.keyDim()),
              DenseRows.of(values, kvHeads, tokens, shape.valueDim()),
              seen));
    }
    return all;
  }

  /** Turns passes {@code [tokens][heads][dim]} into {@code [heads][newest tokens][dim]}. */
  private static float[] byHead(List<float[]> passes, int tokens, int newest, int heads, int dim) {
    float[] turned = new float[Math.multiplyExact(Math.multiplyExact(heads, newest), dim)];
    int skipped = tokens - newest;
    int token = 0;
    for (float[] pass : passes) {
      for (int at = 0; at < pass.length; at += heads * dim) {
        for (int head = 0; head < heads && token >= skipped; head++) {
          int target = (head * newest + token - skipped) * dim;
          System.arraycopy(pass, at + head * dim, turned, target, dim);
        }
        token++;
      }
    }
    return turned;
  }
}
