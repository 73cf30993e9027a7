package dev.varve.store.alias;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Checks and packs the token ids of one block. */
final class BlockTokens {
  private BlockTokens() {}

  /** Refuses a block that is not whole and ids that are negative. */
  static void check(int[] tokenIds, int from, int tokens) {
    Objects.checkFromIndexSize(from, tokens, tokenIds.length);
    for (int i = from; i < from + tokens; i++) {
      if (tokenIds[i] < 0) {
        throw new IllegalArgumentException(
            "token ids must not be negative: " + tokenIds[i] + " at position " + i);
      }
    }
  }

  /** The checked ids, four bytes each. */
  static byte[] pack(int[] tokenIds, int from, int tokens, ByteOrder order) {
    check(tokenIds, from, tokens);
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(tokens, Integer.BYTES)).order(order);
    bytes.asIntBuffer().put(tokenIds, from, tokens);
    return bytes.array();
  }
}
