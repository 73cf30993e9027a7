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
  private final LayerShape shape;
  private final KvRows keys;
  private final int sinks;
  private final float[][] peaks;
  private float[] seen = {};
  private int end;

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
    seen = new float[sinks + Math.max(0, to - begin) + repeated.tokens()];
    float[] query = new float[queries.dim()];
    for (int head = 0; head < shape.queryHeads(); head++) {
      Asked asked = new Asked(shape.kvHeadOf(head), query, workspace);
      for (int row = 0; row < queries.count(); row++) {
        System.arraycopy(queries.values(), queries.offset(head, row), query, 0, query.length);
        end = 0;
        append(asked, keys, 0, sinks);
        append(asked, keys, begin, to);
        append(asked, repeated, 0, row + 1);
        workspace.softmax().softmax(seen, 0, end, shape.scale(), shape.logitSoftCap());
        keepPeaks(peaks[head], 0, 0, sinks);
        keepPeaks(peaks[head], begin, sinks, to - begin);
      }
    }
  }

  /** The scores so far, {@code [queryHeads][tokens]}: the signal that KVzip's policy asks for. */
  public float[][] scores() {
    return Arrays.stream(peaks).map(float[]::clone).toArray(float[][]::new);
  }

  /** A query of one KV head's group, and what computes with it. */
  @SuppressWarnings("ArrayRecordComponent") // scratch of one call
  private record Asked(int kvHead, float[] query, Workspace workspace) {}

  /** Appends the products with tokens {@code [from, to)} to what the query sees. */
  private void append(Asked asked, KvRows rows, int from, int to) {
    int count = to - from;
    if (count > 0) {
      float[] part = asked.workspace.floats(count);
      RowRange range = new RowRange(rows, from, count);
      asked.workspace.multiply(range, asked.kvHead, asked.query, 1, part, count);
      System.arraycopy(part, 0, seen, end, count);
      end += count;
    }
  }

  private void keepPeaks(float[] peaks, int token, int at, int count) {
    for (int i = 0; i < count; i++) {
      peaks[token + i] = Math.max(peaks[token + i], seen[at + i]);
    }
  }
}
