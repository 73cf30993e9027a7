package dev.varve.attention;

import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of one layer for a chunk of consecutive query tokens over blocks that the caller
 * hands over one at a time in ascending token order, holding each only during the call. The token
 * at position {@code p} sees the positions {@code firstVisible(p)} to {@code p}; query head {@code
 * h} reads KV head {@code h / group}.
 *
 * <pre>
 *  start(...)  while more: if needs(first, n) addBlock(block, geometry, first, n)   finish(...)
 * </pre>
 *
 * <p>Each query makes exactly one partial per block, and partials are folded in block order. So the
 * bits of a token's output are the same however its prompt was cut into chunks, wherever the blocks
 * were and however many threads ran beside this one, as long as the borders of the blocks are the
 * same. Reusable and for one thread at a time; allocates only when a chunk is larger than every
 * chunk before.
 */
public final class ExactAttention {
  /** More queries than this do not gain from sharing a row, but would need scratch for scores. */
  private static final int MAX_TILE_QUERIES = 1024;

  private final AttentionKernel kernel;
  private final AttentionTile tile = new AttentionTile();
  private final PartialFold fold = new PartialFold();
  private final QueryChunk chunk = new QueryChunk();
  private @Nullable HeadScratch scratch;
  private float[] o = {};
  private float[] lse = {};
  private int handedTo;
  private int coveredTo;
  private int missingFrom;

  /** Attention through {@code kernel}, which belongs to this object from now on. */
  public ExactAttention(AttentionKernel kernel) {
    this.kernel = Objects.requireNonNull(kernel, "kernel");
  }

  /**
   * Begins a chunk and forgets the one before. The queries are copied.
   *
   * @param shape the layer
   * @param queries {@code [tokens][queryHeads][keyDim]} from {@code offset}, positions already in
   * @param offset where the first query begins
   * @param firstPosition position of the first token
   * @param tokens tokens of the chunk
   */
  public void start(LayerShape shape, float[] queries, int offset, int firstPosition, int tokens) {
    chunk.set(shape, queries, offset, firstPosition, tokens);
    fold.start(chunk.queries(), shape.valueDim());
    handedTo = 0;
    coveredTo = shape.firstVisible(firstPosition);
    missingFrom = -1;
  }

  /**
   * Whether any token of the chunk sees any of the {@code tokens} positions from {@code
   * firstTokenPosition}. A block for which this is false need not be fetched.
   */
  public boolean needs(int firstTokenPosition, int tokens) {
    int firstVisible = chunk.firstVisible();
    return tokens > 0
        && firstTokenPosition < chunk.endPosition()
        && (long) firstTokenPosition + tokens > firstVisible;
  }

  /**
   * Attends to the first {@code tokens} tokens of a block. The block is not kept.
   *
   * @param block at least {@code geometry.bytes()} bytes
   * @param geometry where its keys and values lie
   * @param firstTokenPosition position of its first token
   * @param tokens tokens that it holds, at most {@code geometry.tokens()}
   * @throws IllegalArgumentException if the geometry is not that of the layer, or the block begins
   *     before the end of the block before it
   */
  public void addBlock(
      MemorySegment block, BlockGeometry geometry, int firstTokenPosition, int tokens) {
    LayerShape shape = chunk.shape();
    check(geometry, firstTokenPosition, tokens);
    if (block.byteSize() < geometry.bytes()) {
      throw new IllegalArgumentException(
          "a block needs " + geometry.bytes() + " bytes but has " + block.byteSize());
    }
    if (!covers(firstTokenPosition, tokens)) {
      return;
    }
    tile.shape(geometry, shape.scale(), shape.logitSoftCap());
    for (int head = 0; head < shape.kvHeads(); head++) {
      attend(block, head, head, firstTokenPosition, tokens);
    }
  }

  /**
   * Attends to an encoded block, head by head: no more than the rows of one head exist decoded at a
   * time. Outputs are those over rows that were not rounded to the block's element type.
   *
   * @param shown turned to a payload; borrowed during the call
   * @param firstTokenPosition position of its first token
   * @throws IllegalArgumentException if the block is not of the layer, or begins before the end of
   *     the block before it
   */
  public void addEncoded(EncodedHeads shown, int firstTokenPosition) {
    LayerShape shape = chunk.shape();
    int tokens = shown.tokens();
    check(shown.geometry(), firstTokenPosition, tokens);
    if (!covers(firstTokenPosition, tokens)) {
      return;
    }
    int from = chunk.visibleFrom(0, firstTokenPosition, tokens);
    int to = chunk.visibleTo(chunk.tokens() - 1, firstTokenPosition, tokens);
    if (scratch == null || !scratch.fits(shown.geometry())) {
      scratch = new HeadScratch(shown.geometry());
    }
    tile.shape(scratch.geometry(), shape.scale(), shape.logitSoftCap());
    for (int head = 0; head < shape.kvHeads(); head++) {
      attend(scratch.fill(shown, head, from, to), 0, head, firstTokenPosition, tokens);
    }
  }

  /** Notes what was handed over; false if no query needs it. */
  private boolean covers(int first, int tokens) {
    handedTo = Math.addExact(first, tokens);
    if (!needs(first, tokens)) {
      return false;
    }
    if (first > coveredTo && missingFrom < 0) {
      missingFrom = coveredTo;
    }
    coveredTo = handedTo;
    return true;
  }

  /** All queries of {@code head} over its rows, which are those of {@code place} in the block. */
  private void attend(MemorySegment block, int place, int head, int first, int tokens) {
    int most = Math.max(1, MAX_TILE_QUERIES / chunk.shape().group());
    int t = 0;
    while (t < chunk.tokens()) {
      int from = chunk.visibleFrom(t, first, tokens);
      int to = chunk.visibleTo(t, first, tokens);
      int next = t + 1;
      while (next < Math.min(chunk.tokens(), t + most)
          && chunk.visibleFrom(next, first, tokens) == from
          && chunk.visibleTo(next, first, tokens) == to) {
        next++;
      }
      if (to > from) {
        tile.rows(block, place, from, to - from);
        attend(head, t, next);
      }
      t = next;
    }
  }

  /** The queries of {@code head} of the chunk's tokens [t, next) over the rows of the tile. */
  private void attend(int head, int t, int next) {
    LayerShape shape = chunk.shape();
    int queries = (next - t) * shape.group();
    if (lse.length < queries) {
      lse = new float[queries];
    }
    if (o.length < queries * shape.valueDim()) {
      o = new float[queries * shape.valueDim()];
    }
    int first = chunk.index(head, t);
    tile.queries(chunk.packed(), first * shape.keyDim(), queries).results(o, 0, lse, 0);
    kernel.attend(tile);
    for (int q = 0; q < queries; q++) {
      fold.add(first + q, lse[q], o, q * shape.valueDim());
    }
  }

  /**
   * Writes the outputs of a chunk whose every visible token was handed over.
   *
   * @param out {@code [tokens][queryHeads][valueDim]} from {@code offset}
   * @param offset where the first output goes
   * @throws IllegalStateException if a visible position was in no block; names the first one
   */
  public void finish(float[] out, int offset) {
    int missing = missingFrom >= 0 ? missingFrom : coveredTo;
    if (missing < chunk.endPosition()) {
      throw new IllegalStateException(
          "position "
              + missing
              + " is visible to the chunk at "
              + chunk.firstPosition()
              + " but was in no block");
    }
    int dim = chunk.shape().valueDim();
    Objects.checkFromIndexSize(offset, (long) chunk.queries() * dim, (long) out.length);
    for (int q = 0; q < chunk.queries(); q++) {
      fold.output(chunk.packedIndex(q), out, offset + q * dim);
    }
  }

  /**
   * Writes outputs and log-sum-exps over whatever blocks were handed over, to be merged with
   * partials over the others.
   *
   * @param target {@code tokens * queryHeads} queries, token by token, of {@code valueDim} floats
   * @throws IllegalArgumentException if {@code target} has another shape
   */
  public void finish(Partial target) {
    int dim = chunk.shape().valueDim();
    if (target.queries() != chunk.queries() || target.dim() != dim) {
      throw new IllegalArgumentException(
          "the chunk makes a partial of %d x %d, the target has %d x %d"
              .formatted(chunk.queries(), dim, target.queries(), target.dim()));
    }
    for (int q = 0; q < chunk.queries(); q++) {
      int packed = chunk.packedIndex(q);
      fold.output(packed, target.o(), q * dim);
      target.lse()[q] = fold.lse(packed);
    }
  }

  private void check(BlockGeometry geometry, int first, int tokens) {
    LayerShape shape = chunk.shape();
    if (geometry.kvHeads() != shape.kvHeads()
        || geometry.keyDim() != shape.keyDim()
        || geometry.valueDim() != shape.valueDim()
        || geometry.valueIsPrefixOfKey() != shape.valueIsPrefixOfKey()) {
      throw new IllegalArgumentException(
          "the block is not of this layer: " + geometry + " for " + shape);
    }
    Checks.notNegative(first, "firstTokenPosition");
    Checks.inRange(tokens, 1, geometry.tokens(), "tokens");
    if (first < handedTo) {
      throw new IllegalArgumentException(
          "blocks must ascend: the block at position "
              + first
              + " begins before the end of the last one, "
              + handedTo);
    }
  }
}
