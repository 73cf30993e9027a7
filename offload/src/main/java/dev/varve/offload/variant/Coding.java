package dev.varve.offload.variant;

import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;

/**
 * What came of writing a block.
 *
 * @param encoding how it was written: as was asked for, or {@link Encoding#RAW}
 * @param payload the bytes
 * @param refusal why it is raw although another encoding was asked for; else empty
 */
public record Coding(Encoding encoding, MemorySegment payload, String refusal) {

  /** Whether the encoding that was asked for did not apply. */
  public boolean refused() {
    return !refusal.isEmpty();
  }
}
