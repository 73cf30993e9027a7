package dev.varve.eviction.score;

import dev.varve.eviction.observe.KvRows;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.RowRange;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.LayerShape;
import java.util.Arrays;

/**
 * The scores of KVzip (Kim et al., NeurIPS 2025, arXiv 2505.23416) for one layer: after the prompt,
 * an engine runs it again, chunk by chunk, behind a request to repeat it, and a token scores the
 * largest attention that any query of the repetition of its chunk pays it. The softmax runs over
 * the sinks, the chunk, and what has been repeated so far. Belongs to one prompt; for one thread.
 */
public final class RepeatAttention {
  private static final int BATCH = 64;

  private final LayerShape shape;
  private final KvRows keys;
  private final int sinks;
  private final float[][] peaks;
  private float[] seen = {};

  /**
   * Begins with all scores 0.
   *
   * @param keys of the prompt; borrowed until the last chunk was added
   * @param sinks first tokens, which every query sees
   */
  public RepeatAttention(LayerShape shape, KvRows keys, int sinks) {
    if (sinks < 0 || sinks > keys.tokens()) {
      throw new IllegalArgumentException(
          "sinks must lie between 0 and the %d tokens of the prompt: %d"
              .formatted(keys.tokens(), sinks));
    }
    this.shape = shape;
    this.keys = keys;
    this.sinks = sinks;
    this.peaks = new float[shape.queryHeads()][keys.tokens()];
  }

  /**
   * Adds what the repetition of the tokens {@code [from, to)} looked at.
   *
   * @param queries of the request and the repeated tokens
   * @param repeated keys of the same tokens, which see each other causally
   */
  public void add(int from, int to, QueryRows queries, KvRows repeated, Workspace workspace) {
    if (from < 0 || to > keys.tokens() || from >= to || queries.count() != repeated.tokens()) {
      throw new IllegalArgumentException(
          "tokens %d to %d of %d, repeated by %d queries and %d keys, are no chunk"
              .formatted(from, to, keys.tokens(), queries.count(), repeated.tokens()));
    }
    int begin = Math.max(from, sinks);
    int chunk = Math.max(0, to - begin);
    seen = new float[sinks + chunk + repeated.tokens()];
    for (int head = 0; head < shape.queryHeads(); head++) {
      for (int row = 0; row < queries.count(); row += BATCH) {
        int count = Math.min(BATCH, queries.count() - row);
        int at = queries.offset(head, row);
        float[] asked = Arrays.copyOfRange(queries.values(), at, at + count * queries.dim());
        Asked batch = new Asked(shape.kvHeadOf(head), asked, count, workspace);
        float[] onSinks = batch.products(keys, 0, sinks);
        float[] onChunk = batch.products(keys, begin, chunk);
        float[] onRepeated = batch.products(repeated, 0, repeated.tokens());
        for (int i = 0; i < count; i++) {
          int own = row + i + 1;
          System.arraycopy(onSinks, i * sinks, seen, 0, sinks);
          System.arraycopy(onChunk, i * chunk, seen, sinks, chunk);
          System.arraycopy(onRepeated, i * repeated.tokens(), seen, sinks + chunk, own);
          int end = sinks + chunk + own;
          workspace.softmax().softmax(seen, 0, end, shape.scale(), shape.logitSoftCap());
          keepPeaks(peaks[head], 0, 0, sinks);
          keepPeaks(peaks[head], begin, sinks, chunk);
        }
      }
    }
  }

  /** The scores so far, {@code [queryHeads][tokens]}: the signal that KVzip's policy asks for. */
  public float[][] scores() {
    return Arrays.stream(peaks).map(float[]::clone).toArray(float[][]::new);
  }

  /** Some queries of one query head, and what computes with them. */
  @SuppressWarnings("ArrayRecordComponent") // scratch of one call
  private record Asked(int kvHead, float[] queries, int count, Workspace workspace) {

    /** Products with {@code tokens} rows from {@code from} on, {@code [count][tokens]}. */
    float[] products(KvRows rows, int from, int tokens) {
      float[] products = new float[count * tokens];
      if (tokens > 0) {
        RowRange range = new RowRange(rows, from, tokens);
        workspace.multiply(range, kvHead, queries, count, products, tokens);
      }
      return products;
    }
  }

  private void keepPeaks(float[] peaks, int token, int at, int count) {
    for (int i = 0; i < count; i++) {
      peaks[token + i] = Math.max(peaks[token + i], seen[at + i]);
    }
  }
}
