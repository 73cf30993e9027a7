package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.ExactAttention;
import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Exact attention of one decoded token over keys and values that no cache holds, on the calling
 * thread, beside a plain read of the same memory. The memory is cut into slices; ours and the probe
 * walk over them half a round apart, so that each byte comes from memory.
 */
public final class AttentionBench {

  /** Goal P7: the share of the read bandwidth to reach. */
  public static final double GOAL = 0.85;

  private static final int KV_HEADS = 8;
  private static final int GROUP = 4;
  private static final int DIM = 128;
  private static final int BLOCK_TOKENS = 128;
  private static final long SLICE_BYTES = 64L << 20;
  private static final int TIMES_THE_CACHE = 16;
  private static final long LEAST_BYTES = 512L << 20;
  private static final long MOST_BYTES = 2L << 30;
  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final long SEED = 7;

  private final LayerShape shape =
      LayerShape.grouped(KV_HEADS * GROUP, KV_HEADS, DIM, RopeSpec.none());
  private final Backend backend;
  private final int slices;
  private final int pairs;
  private double sink;

  /**
   * @param setBytes memory to walk over, rounded up to an even number of slices
   * @param pairs how many pairs to measure
   */
  public AttentionBench(Backend backend, long setBytes, int pairs) {
    this.backend = backend;
    this.slices = Math.toIntExact(2 * Math.max(2, Math.ceilDiv(setBytes, 2 * SLICE_BYTES)));
    this.pairs = pairs;
  }

  /** A set much larger than the last-level cache. */
  public static long defaultSetBytes() throws IOException {
    OptionalLong cache = LastLevelCache.bytes();
    long wanted = cache.isPresent() ? TIMES_THE_CACHE * cache.getAsLong() : MOST_BYTES;
    return Math.clamp(wanted, LEAST_BYTES, MOST_BYTES);
  }

  /** Bytes that are walked over. */
  public long setBytes() {
    return slices * SLICE_BYTES;
  }

  /** Measures keys and values stored as {@code dtype}. */
  public Comparison run(Dtype dtype) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(setBytes(), BlockGeometry.ALIGNMENT);
      Gaussian gaussian = new Gaussian(SEED);
      gaussian.fill(memory, dtype);
      float[] query = gaussian.floats(shape.queryHeads() * DIM);
      Walk walk = new Walk(memory, dtype, query);
      warmUp(walk);
      String name = "KV in " + dtype.name().toLowerCase(Locale.ROOT);
      Question question = new Question(name, "read of memory", OptionalDouble.of(GOAL));
      return Comparison.measure(
          question,
          pairs,
          pair -> timed(() -> walk.attend(pair % slices)),
          pair -> timed(() -> walk.read((pair + slices / 2) % slices)));
    }
  }

  private void warmUp(Walk walk) {
    long until = System.nanoTime() + WARM_UP_NANOS;
    for (int i = 0; System.nanoTime() < until; i++) {
      walk.attend(i % slices);
      walk.read((i + slices / 2) % slices);
    }
  }

  private static double timed(Runnable work) {
    long started = System.nanoTime();
    work.run();
    return SLICE_BYTES * 1e9 / (System.nanoTime() - started);
  }

  /** Ours and the probe over one memory. */
  private final class Walk {
    private final ExactAttention attention = new ExactAttention(AttentionKernel.of(backend));
    private final MemorySegment memory;
    private final BlockGeometry geometry;
    private final float[] query;
    private final float[] out;

    Walk(MemorySegment memory, Dtype dtype, float[] query) {
      this.memory = memory;
      this.geometry = BlockGeometry.of(shape, dtype, BLOCK_TOKENS);
      this.query = query;
      this.out = new float[query.length];
    }

    void attend(int slice) {
      int blocks = Math.toIntExact(SLICE_BYTES / geometry.bytes());
      attention.start(shape, query, 0, blocks * BLOCK_TOKENS - 1, 1);
      for (int block = 0; block < blocks; block++) {
        long at = slice * SLICE_BYTES + block * geometry.bytes();
        MemorySegment bytes = memory.asSlice(at, geometry.bytes());
        attention.addBlock(bytes, geometry, block * BLOCK_TOKENS, BLOCK_TOKENS);
      }
      attention.finish(out, 0);
      sink += out[0];
    }

    void read(int slice) {
      long from = slice * SLICE_BYTES;
      sink += VectorReadProbe.sum(memory, from, from + SLICE_BYTES);
    }
  }

  /** Depends on every result, so that none is left out. */
  public double sink() {
    return sink;
  }
}
