package dev.varve.compression.container;

import dev.varve.store.BlockGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decoded blocks that others are predicted from, as many of the last used ones as fit into 32 MiB.
 * For one thread at a time.
 */
public final class DecodedBlocks {
  private static final long MOST_BYTES = 32L << 20;

  private final LinkedHashMap<BlockAddress, MemorySegment> blocks =
      new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** The decoded block, if it is still there; good until the next {@link #room}. */
  public Optional<MemorySegment> find(BlockAddress address) {
    return Optional.ofNullable(blocks.get(address));
  }

  /** Zeros for a block, in place of the longest unused ones; the last used one always stays. */
  public MemorySegment room(long size) {
    MemorySegment freed = MemorySegment.NULL;
    while (blocks.size() > 1 && bytes + size > MOST_BYTES) {
      Map.Entry<BlockAddress, MemorySegment> eldest = blocks.firstEntry();
      blocks.remove(eldest.getKey());
      bytes -= eldest.getValue().byteSize();
      freed = eldest.getValue();
    }
    return freed.byteSize() == size
        ? freed.fill((byte) 0)
        : Arena.ofAuto().allocate(size, BlockGeometry.ALIGNMENT);
  }

  /** Keeps what {@link #room} gave, now decoded. */
  public void keep(BlockAddress address, MemorySegment block) {
    blocks.put(address, block);
    bytes += block.byteSize();
  }
}
