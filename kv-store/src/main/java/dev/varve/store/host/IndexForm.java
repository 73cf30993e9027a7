package dev.varve.store.host;

import dev.varve.store.BlockKey;
import java.lang.foreign.MemorySegment;

/** The index form of a key in an array: Chronicle's native key type. */
final class IndexForm {

  private IndexForm() {}

  static byte[] of(BlockKey key) {
    byte[] bytes = new byte[BlockKey.INDEX_BYTES];
    key.writeIndexForm(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }
}
