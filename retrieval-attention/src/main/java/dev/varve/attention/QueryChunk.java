package dev.varve.attention;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The queries of a chunk, packed so that all queries of one KV head over any range of tokens are
 * neighbours, and what each token sees.
 *
 * <pre>
 *  given:   [token][kvHead][group member][keyDim]
 *  packed:  [kvHead][token][group member][keyDim]
 * </pre>
 */
final class QueryChunk {
  private @Nullable LayerShape shape;
  private float[] packed = {};
  private int firstPosition;
  private int endPosition;
  private int tokens;

  void set(LayerShape shape, float[] queries, int offset, int firstPosition, int tokens) {
    Checks.notNegative(firstPosition, "firstPosition");
    Checks.positive(tokens, "tokens");
    int end = Math.addExact(firstPosition, tokens);
    int heads = Math.multiplyExact(tokens, shape.queryHeads());
    int floats = Math.multiplyExact(heads, shape.keyDim());
    Objects.checkFromIndexSize(offset, floats, queries.length);
    this.shape = shape;
    this.firstPosition = firstPosition;
    this.endPosition = end;
    this.tokens = tokens;
    if (packed.length < floats) {
      packed = new float[floats];
    }
    int width = shape.group() * shape.keyDim();
    for (int t = 0; t < tokens; t++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        int from = offset + (t * shape.kvHeads() + head) * width;
        System.arraycopy(queries, from, packed, index(head, t) * shape.keyDim(), width);
      }
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

  int firstPosition() {
    return firstPosition;
  }

  int endPosition() {
    return endPosition;
  }

  /** The oldest position that any token sees. */
  int firstVisible() {
    return shape().firstVisible(firstPosition);
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
    return Math.clamp(shape().firstVisible(firstPosition + t) - first, 0, rows);
  }

  /**
   * End of the rows that token {@code t} sees of the {@code rows} rows at position {@code first}.
   */
  int visibleTo(int t, int first, int rows) {
    return Math.clamp(firstPosition + t + 1 - first, 0, rows);
  }
}
