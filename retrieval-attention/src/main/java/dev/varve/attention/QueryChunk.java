package dev.varve.attention;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The queries of a chunk, packed so that all queries of one KV head over any range of tokens are
 * neighbours, and what each token sees. Tokens of several sessions may stand side by side: each has
 * a position of its own.
 *
 * <pre>
 *  given:   [token][kvHead][group member][keyDim]
 *  packed:  [kvHead][token][group member][keyDim]
 * </pre>
 */
final class QueryChunk {
  private @Nullable LayerShape shape;
  private float[] packed = {};
  private int[] positions = {};
  private int tokens;
  private int added;

  /** Begins with the {@code tokens} tokens of one session, and ends there. */
  void set(LayerShape shape, float[] queries, int offset, int firstPosition, int tokens) {
    begin(shape, tokens);
    add(queries, offset, firstPosition, tokens);
  }

  /** Begins a chunk of {@code tokens} tokens, which {@link #add} brings. */
  void begin(LayerShape shape, int tokens) {
    Checks.positive(tokens, "tokens");
    int heads = Math.multiplyExact(tokens, shape.queryHeads());
    int floats = Math.multiplyExact(heads, shape.keyDim());
    this.shape = shape;
    this.tokens = tokens;
    this.added = 0;
    if (packed.length < floats) {
      packed = new float[floats];
    }
    if (positions.length < tokens) {
      positions = new int[tokens];
    }
  }

  /**
   * Adds the next {@code count} tokens, consecutive ones of one session.
   *
   * @param queries {@code [count][queryHeads][keyDim]} from {@code offset}
   */
  void add(float[] queries, int offset, int firstPosition, int count) {
    LayerShape of = shape();
    Checks.notNegative(firstPosition, "firstPosition");
    Math.addExact(firstPosition, count);
    Checks.inRange(count, 1, tokens - added, "tokens");
    Objects.checkFromIndexSize(offset, count * of.queryHeads() * of.keyDim(), queries.length);
    int width = of.group() * of.keyDim();
    for (int i = 0; i < count; i++) {
      positions[added] = firstPosition + i;
      for (int head = 0; head < of.kvHeads(); head++) {
        int from = offset + (i * of.kvHeads() + head) * width;
        System.arraycopy(queries, from, packed, index(head, added) * of.keyDim(), width);
      }
      added++;
    }
  }

  LayerShape shape() {
    if (shape == null) {
      throw new IllegalStateException("no chunk was started: call start() first");
    }
    return shape;
  }

  float[] packed() {
    return packed;
  }

  int tokens() {
    return tokens;
  }

  /** Tokens that were added so far. */
  int added() {
    return added;
  }

  /** Position of token {@code t} in its session. */
  int position(int t) {
    return positions[t];
  }

  int firstPosition() {
    return positions[0];
  }

  int endPosition() {
    return positions[tokens - 1] + 1;
  }

  int queries() {
    return tokens * shape().queryHeads();
  }

  /** Packed index of the first query of token {@code t} in {@code kvHead}. */
  int index(int kvHead, int t) {
    return (kvHead * tokens + t) * shape().group();
  }

  /** Packed index of query {@code q} of the given order. */
  int packedIndex(int q) {
    int heads = shape().queryHeads();
    int head = q % heads;
    return index(shape().kvHeadOf(head), q / heads) + head % shape().group();
  }

  /** First row that token {@code t} sees of the {@code rows} rows at position {@code first}. */
  int visibleFrom(int t, int first, int rows) {
    return Math.clamp((long) shape().firstVisible(positions[t]) - first, 0, rows);
  }

  /**
   * End of the rows that token {@code t} sees of the {@code rows} rows at position {@code first}.
   */
  int visibleTo(int t, int first, int rows) {
    return Math.clamp((long) positions[t] + 1 - first, 0, rows);
  }
}
