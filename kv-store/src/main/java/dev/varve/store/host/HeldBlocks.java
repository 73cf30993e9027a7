package dev.varve.store.host;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.TierListener;
import dev.varve.store.TierUsage;
import dev.varve.store.internal.IndexForm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks a host tier shows, oldest first, and what they take. A block lies in the map before
 * it is listed here and leaves the list before it leaves the map. Thread-safe.
 */
final class HeldBlocks {

  private final Map<ByteBuffer, BlockHeader> headers = new LinkedHashMap<>();
  private TierListener listener = TierListener.NONE;
  private long payloadBytes;
  private long usedBytes;

  synchronized void listen(TierListener told) {
    listener = told;
  }

  /** The header listed under this index form, which may be that of another key. */
  synchronized @Nullable BlockHeader find(byte[] indexForm) {
    return headers.get(ByteBuffer.wrap(indexForm));
  }

  /** Lists blocks, all at once. */
  synchronized void addAll(Map<ByteBuffer, BlockHeader> added) {
    added.forEach((indexForm, header) -> {
      headers.put(indexForm, header);
      payloadBytes += header.payloadBytes();
      usedBytes += HostMapLayout.footprint(header.payloadBytes());
      listener.entered(header);
    });
  }

  /** Takes those of {@code keys} off the list that are on it; returns their index forms. */
  synchronized List<byte[]> removeAll(Collection<BlockKey> keys) {
    List<byte[]> removed = new ArrayList<>();
    for (BlockKey key : keys) {
      byte[] indexForm = IndexForm.of(key);
      BlockHeader header = headers.get(ByteBuffer.wrap(indexForm));
      if (header != null && header.key().equals(key)) {
        headers.remove(ByteBuffer.wrap(indexForm));
        payloadBytes -= header.payloadBytes();
        usedBytes -= HostMapLayout.footprint(header.payloadBytes());
        removed.add(indexForm);
        listener.left(header);
      }
    }
    return removed;
  }

  /** The oldest keys that together take at least {@code bytes}; all if that is not enough. */
  synchronized List<BlockKey> oldest(long bytes) {
    List<BlockKey> keys = new ArrayList<>();
    long sum = 0;
    for (BlockHeader header : headers.values()) {
      if (sum >= bytes) {
        break;
      }
      sum += HostMapLayout.footprint(header.payloadBytes());
      keys.add(header.key());
    }
    return keys;
  }

  synchronized List<BlockHeader> snapshot() {
    return List.copyOf(headers.values());
  }

  synchronized TierUsage usage(long capacityBytes) {
    return new TierUsage(headers.size(), payloadBytes, usedBytes, capacityBytes);
  }
}
