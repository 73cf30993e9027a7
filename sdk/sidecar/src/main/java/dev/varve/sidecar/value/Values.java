package dev.varve.sidecar.value;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.ReplyEncoder;
import dev.varve.sidecar.resp.StoredBytes;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;

/**
 * Prepares objects to be sent. What is not too long is read and checked to its end before its
 * length is told to the client, so that damage can be answered as a miss; the rest, and everything
 * while memory is short, is read while it is sent. Thread-safe.
 *
 * @param budget what is read ahead is taken from it
 * @param aheadBytes longest value that is read ahead
 */
public record Values(MemoryBudget budget, long aheadBytes, ByteBufAllocator allocator) {

  /** Longest value that an event loop copies: it serves nobody else meanwhile. */
  private static final long NOW_BYTES = 1 << 20;

  /** A whole object, if it can be read without waiting and memory is there; else empty. */
  public Optional<StoredBytes> now(ObjectSpace space, byte[] name) {
    NowMemory taken = new NowMemory(budget, allocator, Math.min(NOW_BYTES, aheadBytes));
    boolean read = false;
    try {
      read = space.readNow(name, taken);
    } finally {
      if (!read) {
        taken.give();
      }
    }
    return read ? Optional.of(taken.value()) : Optional.empty();
  }

  /**
   * A range of an object; the lease is closed with the result, or at once if there is none.
   *
   * @return nothing if the bytes are damaged
   */
  public Optional<StoredBytes> prepare(ObjectLease lease, long offset, long length) {
    StreamedValue streamed = new StreamedValue(lease, offset, length);
    if (length <= ReplyEncoder.TOGETHER || length > aheadBytes || !budget.tryReserve(length)) {
      return Optional.of(streamed);
    }
    return LoadedValue.of(streamed, budget, allocator);
  }
}
