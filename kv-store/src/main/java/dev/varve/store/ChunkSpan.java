package dev.varve.store;

/**
 * What the blocks of one chunk have in common beside their key.
 *
 * @param parent chain key of the chunk before; the chain's root for the first chunk
 * @param firstToken position of the chunk's first token in its sequence
 * @param tokens tokens held
 * @param layers layers of the model
 */
public record ChunkSpan(ChainKey parent, int firstToken, int tokens, int layers) {}
