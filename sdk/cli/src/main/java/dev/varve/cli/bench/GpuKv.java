package dev.varve.cli.bench;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.DeviceMemory;
import dev.varve.store.cuda.PagedRows;
import dev.varve.store.cuda.StagingRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Keys and values of one layer of some sequences on a device, random, in blocks. */
final class GpuKv implements AutoCloseable {
  private static final int BLOCK_TOKENS = 128;
  private static final long CHUNK = 1 << 20;
  private static final long SEED = 20261121;

  private final CudaDevice device;
  private final StagingRing ring;
  private final List<DeviceMemory> taken = new ArrayList<>();
  private final LayerShape shape;
  private final BlockGeometry geometry;
  private final long blocks;
  private final long firstBlock;
  private final long lengths;

  /**
   * Fills the device.
   *
   * @param sizes of the layer and of each sequence
   * @param sequences that the device holds
   */
  GpuKv(CudaDevice device, GpuBench.Sizes sizes, int sequences) {
    this.device = device;
    this.ring = new StagingRing(device.driver(), CHUNK, 4);
    this.shape =
        LayerShape.grouped(
            sizes.kvHeads() * sizes.group(), sizes.kvHeads(), sizes.dim(), RopeSpec.none());
    this.geometry = BlockGeometry.of(shape, Dtype.F16, BLOCK_TOKENS);
    int each = sizes.tokens() / BLOCK_TOKENS;
    long[] addresses = new long[sequences * each];
    int[] first = new int[sequences];
    int[] tokens = new int[sequences];
    try (Arena arena = Arena.ofShared()) {
      MemorySegment content = random(arena, geometry.bytes());
      long slab = space(addresses.length * geometry.bytes());
      for (int i = 0; i < addresses.length; i++) {
        addresses[i] = slab + i * geometry.bytes();
        ring.upload(addresses[i], content);
      }
    }
    for (int s = 0; s < sequences; s++) {
      first[s] = s * each;
      tokens[s] = sizes.tokens();
    }
    blocks = upload(MemorySegment.ofArray(addresses));
    firstBlock = upload(MemorySegment.ofArray(first));
    lengths = upload(MemorySegment.ofArray(tokens));
  }

  private static MemorySegment random(Arena arena, long bytes) {
    SplittableRandom random = new SplittableRandom(SEED);
    MemorySegment content = arena.allocate(bytes, 64);
    for (long at = 0; at < bytes; at += 2) {
      short half = Float.floatToFloat16((float) random.nextGaussian());
      content.set(ValueLayout.JAVA_SHORT, at, half);
    }
    return content;
  }

  LayerShape shape() {
    return shape;
  }

  BlockGeometry geometry() {
    return geometry;
  }

  long blocks() {
    return blocks;
  }

  /** The first {@code count} sequences. */
  PagedRows rows(int count) {
    return new PagedRows(blocks, firstBlock, lengths, count);
  }

  /** Device memory that is given back with this. */
  long space(long bytes) {
    DeviceMemory memory = new DeviceMemory(device.driver(), bytes);
    taken.add(memory);
    return memory.address();
  }

  /** Device memory that holds these values. */
  long upload(MemorySegment values) {
    long address = space(values.byteSize());
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy = arena.allocate(values.byteSize(), 64);
      copy.copyFrom(values);
      ring.upload(address, copy);
    }
    return address;
  }

  /** Normal numbers. */
  long randomFloats(int count) {
    SplittableRandom random = new SplittableRandom(SEED + count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return upload(MemorySegment.ofArray(values));
  }

  @Override
  public void close() {
    ring.close();
    taken.forEach(DeviceMemory::close);
  }
}
