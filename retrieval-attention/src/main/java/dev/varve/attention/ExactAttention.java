package dev.varve.attention;

import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import java.lang.foreign.MemorySegment;

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
 * were, however many threads ran beside this one, and {@linkplain SharedPrefixAttention whoever}
 * read the blocks with it, as long as the borders of the blocks are the same. Reusable and for one
 * thread at a time; allocates only when a chunk is larger than every chunk before.
 */
public final class ExactAttention {

  private final SharedPrefixAttention one;

  /** Attention through {@code kernel}, which belongs to this object from now on. */
  public ExactAttention(AttentionKernel kernel) {
    this.one = new SharedPrefixAttention(kernel);
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
    one.start(shape, 1, tokens);
    one.add(queries, offset, firstPosition, tokens);
  }

  /**
   * Whether any token of the chunk sees any of the {@code tokens} positions from {@code
   * firstTokenPosition}. A block for which this is false need not be fetched.
   */
  public boolean needs(int firstTokenPosition, int tokens) {
    return one.needs(0, firstTokenPosition, tokens);
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
    one.addBlock(block, geometry, firstTokenPosition, tokens, 0, 1);
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
    one.addEncoded(shown, firstTokenPosition, 0, 1);
  }

  /**
   * Writes the outputs of a chunk whose every visible token was handed over.
   *
   * @param out {@code [tokens][queryHeads][valueDim]} from {@code offset}
   * @param offset where the first output goes
   * @throws IllegalStateException if a visible position was in no block; names the first one
   */
  public void finish(float[] out, int offset) {
    one.finish(0, out, offset);
  }

  /**
   * Writes outputs and log-sum-exps over whatever blocks were handed over, to be merged with
   * partials over the others.
   *
   * @param target {@code tokens * queryHeads} queries, token by token, of {@code valueDim} floats
   * @throws IllegalArgumentException if {@code target} has another shape
   */
  public void finish(Partial target) {
    one.finish(0, target);
  }
}
