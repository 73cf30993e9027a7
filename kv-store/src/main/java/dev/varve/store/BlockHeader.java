package dev.varve.store;

/**
 * What a stored block says of itself, so that it can be checked, and found again without an index.
 *
 * @param key full identity
 * @param parent chain key of the chunk before; the chain's root for the first chunk
 * @param firstToken position of the block's first token in its sequence
 * @param tokens tokens held
 * @param layers layers of the model, so that a chunk can be completed from its blocks alone
 * @param payloadBytes length of the payload that follows
 * @param payloadCrc CRC32C of the payload
 */
public record BlockHeader(
    BlockKey key,
    ChainKey parent,
    int firstToken,
    int tokens,
    int layers,
    int payloadBytes,
    int payloadCrc) {

  public BlockHeader {
    Checks.notNegative(firstToken, "firstToken");
    Checks.positive(tokens, "tokens");
    Checks.inRange(layers, key.layer() + 1, ModelShape.MAX_LAYERS, "layers");
    Checks.positive(payloadBytes, "payloadBytes");
  }
}
