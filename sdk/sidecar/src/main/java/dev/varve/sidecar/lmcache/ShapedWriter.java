package dev.varve.sidecar.lmcache;

import dev.varve.sidecar.model.BlockPool;
import dev.varve.store.BlockChecksum;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** Encodes a value slab by slab as it comes; memory for one slab is held. */
final class ShapedWriter implements ObjectWriter {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ObjectWriter target;
  private final ShapedValue value;
  private final BlockPool pool;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment slab;
  private final MemorySegment index;
  private long filled;
  private int slabs;
  private long length;

  ShapedWriter(ObjectWriter target, ShapedValue value, BlockPool pool) {
    this.target = target;
    this.value = value;
    this.pool = pool;
    this.slab = arena.allocate(value.shape().slabBytes(), 64);
    this.index = arena.allocate((value.shape().slabs() + 1L) * Integer.BYTES, Integer.BYTES);
    target.write(ShapedHeaderDescriptor.write(Optional.of(value.shape())));
  }

  @Override
  public void write(MemorySegment bytes) {
    if (length + bytes.byteSize() > value.shape().bytes()) {
      throw new IllegalStateException(
          "a value of %d bytes was announced and more came".formatted(value.shape().bytes()));
    }
    for (long at = 0; at < bytes.byteSize(); ) {
      long count = Math.min(bytes.byteSize() - at, slab.byteSize() - filled);
      MemorySegment.copy(bytes, at, slab, filled, count);
      filled += count;
      at += count;
      if (filled == slab.byteSize()) {
        writeSlab();
      }
    }
    length += bytes.byteSize();
  }

  private void writeSlab() {
    SlabShape shape = value.shape();
    long written =
        pool.with(bench -> {
          bench.block().fill((byte) 0);
          SlabRows.toBlock(shape, slab, bench.block());
          MemorySegment frame =
              bench.blocks().encode(0, 0, shape.encoding(slabs, value.encoding()), bench.block());
          target.write(frame);
          return frame.byteSize();
        });
    index.setAtIndex(INT, slabs, (int) written);
    slabs++;
    filled = 0;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public CommitResult commit(CommitTerms terms) {
    if (length != value.shape().bytes()) {
      throw new IllegalStateException(
          "a value of %d bytes was announced and %d came".formatted(value.shape().bytes(), length));
    }
    long entries = (long) slabs * Integer.BYTES;
    index.setAtIndex(INT, slabs, BlockChecksum.crc32c(index.asSlice(0, entries)));
    target.write(index);
    return switch (target.commit(terms)) {
      case CommitResult.Committed(ObjectInfo info) ->
          new CommitResult.Committed(
              new ObjectInfo(length, info.version(), info.expiresAtMillis()));
      case CommitResult other -> other;
    };
  }

  @Override
  public void close() {
    target.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
