package dev.varve.sidecar.handover;

import dev.varve.store.ChunkKey;
import java.nio.ByteBuffer;

/** What lies in a memory file, of one tenant. */
public sealed interface ShelfName {

  /** The value of a key. */
  record OfValue(ByteBuffer key) implements ShelfName {
    /** A copy of the key is kept. */
    public static OfValue of(byte[] key) {
      return new OfValue(ByteBuffer.wrap(key.clone()).asReadOnlyBuffer());
    }
  }

  /**
   * A block of keys and values.
   *
   * @param layer whose block it is
   */
  record OfBlock(ChunkKey chunk, int layer) implements ShelfName {}
}
