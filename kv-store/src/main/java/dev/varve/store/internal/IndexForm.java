package dev.varve.store.internal;

import dev.varve.store.BlockKey;
import java.lang.foreign.MemorySegment;

/** The index form of a key as an array. */
public final class IndexForm {

  private IndexForm() {}

  /** The {@link BlockKey#INDEX_BYTES} bytes of {@code key}. */
  public static byte[] of(BlockKey key) {
    byte[] bytes = new byte[BlockKey.INDEX_BYTES];
    key.writeIndexForm(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }
}
