package dev.varve.store.host;

import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.MapEntry;
import net.openhft.chronicle.map.MapQueryContext;
import org.jspecify.annotations.Nullable;

/**
 * The Chronicle Map behind the tier: index form of a key to header and payload. A context of the
 * map lives within one method here.
 */
final class HostMap implements AutoCloseable {

  private static final String FULL = "Attempt to allocate";

  /** Small blocks take few chunks; a lookup slot costs eight bytes, so be generous. */
  private static final long CHUNKS_PER_ENTRY = 2;

  private final ChronicleMap<byte[], EncodedBlock> map;

  HostMap(HostMapLayout layout) {
    map =
        ChronicleMap.of(byte[].class, EncodedBlock.class)
            .constantKeySizeBySample(new byte[BlockKey.INDEX_BYTES])
            .valueReaderAndDataAccess(new NoReader(), new BlockDataAccess())
            .putReturnsNull(true)
            .removeReturnsNull(true)
            .actualSegments(layout.segments())
            .actualChunkSize(HostMapLayout.CHUNK_BYTES)
            .actualChunksPerSegmentTier(layout.chunksPerSegment())
            .entriesPerSegment(Math.max(1, layout.chunksPerSegment() / CHUNKS_PER_ENTRY))
            .maxBloatFactor(1.0)
            .allowSegmentTiering(false)
            .skipCloseOnExitHook(true)
            .create();
  }

  /** Stores {@code block}; false if no run of free chunks is long enough. */
  boolean put(byte[] indexForm, EncodedBlock block) {
    try {
      map.put(indexForm, block);
      return true;
    } catch (IllegalStateException e) {
      // Chronicle has no type of its own for a full map; after this refusal it works on.
      if (e.getMessage() != null && e.getMessage().contains(FULL)) {
        return false;
      }
      throw e;
    }
  }

  void remove(byte[] indexForm) {
    map.remove(indexForm);
  }

  /**
   * Shows the stored bytes, header first, under the map's read lock.
   *
   * @param look must not keep the segment: the memory belongs to another block soon after
   * @return what {@code look} returned; null if there is no entry
   */
  <T> @Nullable T look(byte[] indexForm, Function<MemorySegment, T> look) {
    try (var query = map.queryContext(indexForm)) {
      query.readLock().lock();
      return look(query, look);
    }
  }

  /** The same unless the lock would have to be waited for: then null, too. */
  <T> @Nullable T lookNow(byte[] indexForm, Function<MemorySegment, T> look) {
    try (var query = map.queryContext(indexForm)) {
      return query.readLock().tryLock() ? look(query, look) : null;
    }
  }

  @SuppressWarnings("restricted")
  private static <T> @Nullable T look(
      MapQueryContext<byte[], EncodedBlock, ?> query, Function<MemorySegment, T> look) {
    MapEntry<byte[], EncodedBlock> entry = query.entry();
    if (entry == null) {
      return null;
    }
    Data<EncodedBlock> value = entry.value();
    long address = value.bytes().addressForRead(value.offset());
    return look.apply(MemorySegment.ofAddress(address).reinterpret(value.size()));
  }

  @Override
  public void close() {
    map.close();
  }

  /** The builder wants a reader; nobody may ask the map for an object. */
  private static final class NoReader implements SizedReader<EncodedBlock> {
    @Override
    public EncodedBlock read(Bytes<?> in, long size, @Nullable EncodedBlock using) {
      throw new UnsupportedOperationException(
          "blocks are looked at in place, from their "
              + BlockHeaderDescriptor.HEADER_LENGTH
              + " byte header on");
    }
  }
}
