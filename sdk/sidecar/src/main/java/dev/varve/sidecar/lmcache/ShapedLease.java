package dev.varve.sidecar.lmcache;

import dev.varve.sdk.wire.WireFrame;
import dev.varve.sdk.wire.WireFrameDescriptor;
import dev.varve.sdk.wire.WireFrameReading;
import dev.varve.sidecar.model.BlockPool;
import dev.varve.store.BlockChecksum;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a value that was stored slab by slab, decoding a slab when a byte of it is asked for; the
 * last one is kept.
 */
final class ShapedLease implements ObjectLease {

  private static final Logger LOG = LoggerFactory.getLogger(ShapedLease.class);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ObjectLease stored;
  private final SlabShape shape;
  private final BlockPool pool;
  private final long[] offsets;
  private MemorySegment slab = MemorySegment.NULL;
  private int slabAt = -1;

  private ShapedLease(ObjectLease stored, SlabShape shape, BlockPool pool, long[] offsets) {
    this.stored = stored;
    this.shape = shape;
    this.pool = pool;
    this.offsets = offsets;
  }

  /** Opens a value; empty if its index is damaged. */
  static Optional<ObjectLease> open(ObjectLease stored, SlabShape shape, BlockPool pool) {
    int slabs = shape.slabs();
    long indexBytes = (slabs + 1L) * Integer.BYTES;
    long end = stored.length() - indexBytes;
    MemorySegment index = MemorySegment.ofArray(new byte[(int) indexBytes]);
    if (end < ShapedHeaderDescriptor.BYTES || !stored.read(end, index)) {
      return Optional.empty();
    }
    int crc = BlockChecksum.crc32c(index.asSlice(0, (long) slabs * Integer.BYTES));
    long[] offsets = new long[slabs + 1];
    offsets[0] = ShapedHeaderDescriptor.BYTES;
    long most = shape.block().bytes() + WireFrameDescriptor.HEADER_BYTES;
    boolean sound = index.getAtIndex(INT, slabs) == crc;
    for (int i = 0; i < slabs && sound; i++) {
      int length = index.getAtIndex(INT, i);
      sound = length > WireFrameDescriptor.HEADER_BYTES && length <= most;
      offsets[i + 1] = offsets[i] + length;
    }
    if (!sound || offsets[slabs] != end) {
      LOG.error("the index of a value that LMCache stored is damaged: it is a miss");
      return Optional.empty();
    }
    return Optional.of(new ShapedLease(stored, shape, pool, offsets));
  }

  @Override
  public ObjectInfo info() {
    ObjectInfo info = stored.info();
    return new ObjectInfo(shape.bytes(), info.version(), info.expiresAtMillis());
  }

  @Override
  public boolean read(long offset, MemorySegment target) {
    if (offset < 0 || offset + target.byteSize() > shape.bytes()) {
      throw new IllegalArgumentException(
          "bytes %d to %d of a value of %d"
              .formatted(offset, offset + target.byteSize(), shape.bytes()));
    }
    for (long at = 0; at < target.byteSize(); ) {
      long place = offset + at;
      int index = (int) (place / shape.slabBytes());
      if (!decode(index)) {
        return false;
      }
      long within = place % shape.slabBytes();
      long count = Math.min(target.byteSize() - at, shape.slabBytes() - within);
      MemorySegment.copy(slab, within, target, at, count);
      at += count;
    }
    return true;
  }

  private boolean decode(int index) {
    if (slabAt == index) {
      return true;
    }
    slabAt = -1;
    long length = offsets[index + 1] - offsets[index];
    if (slab.byteSize() == 0) {
      slab = Arena.ofAuto().allocate(shape.slabBytes(), 64);
    }
    MemorySegment frame = Arena.ofAuto().allocate(length, 64);
    if (!stored.read(offsets[index], frame)) {
      return false;
    }
    Optional<String> refusal = decode(frame);
    refusal.ifPresent(
        reason -> LOG.error("slab {} of a value that LMCache stored is a miss: {}", index, reason));
    slabAt = refusal.isEmpty() ? index : -1;
    return refusal.isEmpty();
  }

  private Optional<String> decode(MemorySegment frame) {
    return switch (WireFrameDescriptor.read(frame)) {
      case WireFrameReading.Refused(String reason) -> Optional.of(reason);
      case WireFrameReading.Sound(WireFrame header) ->
          pool.with(bench -> {
            MemorySegment payload = frame.asSlice(WireFrameDescriptor.HEADER_BYTES);
            Optional<String> refusal = bench.blocks().decode(header, payload, bench.block());
            if (refusal.isEmpty()) {
              SlabRows.toSlab(shape, bench.block(), slab);
            }
            return refusal;
          });
    };
  }

  @Override
  public void close() {
    stored.close();
  }
}
