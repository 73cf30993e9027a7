package dev.varve.sdk.wire;

import dev.varve.store.Checks;
import dev.varve.store.Encoding;

/**
 * What stands in front of a payload on the network.
 *
 * @param kind what the payload is
 * @param encoding how a block is written; {@link Encoding#RAW} for text
 * @param layer of the block; 0 for text
 * @param firstToken position of the first token
 * @param tokens tokens of the block or of the text
 * @param payloadBytes length of the payload, at most {@link WireFrameDescriptor#MAX_PAYLOAD_BYTES}
 * @param payloadChecksum CRC32C of the payload
 */
public record WireFrame(
    Kind kind,
    Encoding encoding,
    int layer,
    int firstToken,
    int tokens,
    int payloadBytes,
    int payloadChecksum) {

  /** What a payload is. */
  public enum Kind {
    /** Keys and values of one layer for the tokens of one chunk. */
    BLOCK,
    /** Token ids, 32 bits each, or nothing: the engine is to compute these tokens. */
    TEXT
  }

  public WireFrame {
    Checks.notNegative(layer, "layer");
    Checks.notNegative(firstToken, "first token");
    Checks.positive(tokens, "tokens");
    Checks.inRange(payloadBytes, 0, WireFrameDescriptor.MAX_PAYLOAD_BYTES, "payload bytes");
  }
}
