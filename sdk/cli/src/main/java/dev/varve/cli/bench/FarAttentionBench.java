package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.ExactAttention;
import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ReadOutcome;
import dev.varve.store.RopeSpec;
import dev.varve.store.host.ChronicleHostTier;
import dev.varve.store.host.HostTierConfig;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Attention of one token over blocks of the host tier, checked and attended where they lie, beside
 * the same blocks copied to a slot first, and beside a plain read of as much memory.
 */
public final class FarAttentionBench {
  private static final LayerShape SHAPE = LayerShape.grouped(32, 8, 128, RopeSpec.none());
  private static final BlockGeometry GEOMETRY = BlockGeometry.of(SHAPE, Dtype.F16, 128);
  private static final int BLOCKS_A_PASS = 64;
  private static final int ROOM_PERCENT = 130;
  private static final long SEED = 17;
  private static final double SECOND = 1e9;

  private final ExactAttention attention;
  private final long setBytes;
  private final int pairs;
  private final float[] query;
  private final float[] out;

  /**
   * @param setBytes bytes of the blocks to walk over
   * @param pairs pairs to measure
   */
  public FarAttentionBench(Backend backend, long setBytes, int pairs) {
    this.attention = new ExactAttention(AttentionKernel.of(backend));
    this.setBytes = Math.max(setBytes, BLOCKS_A_PASS * GEOMETRY.bytes());
    this.pairs = pairs;
    this.query = new Gaussian(SEED).floats(SHAPE.queryHeads() * SHAPE.keyDim());
    this.out = new float[SHAPE.queryHeads() * SHAPE.valueDim()];
  }

  /** Measures. */
  public List<Comparison> run() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      BenchBlocks blocks = BenchBlocks.make(setBytes, arena);
      long total = blocks.memory().byteSize();
      HostTierConfig config =
          new HostTierConfig(
              total / 100 * ROOM_PERCENT + (4L << 20), Math.toIntExact(BenchBlocks.blockBytes()));
      try (BlockTier tier = ChronicleHostTier.open(config)) {
        tier.put(blocks.blocks());
        Walk walk = new Walk(tier, blocks, arena);
        for (int pass = 0; pass < 4; pass++) {
          walk.inPlace(pass);
          walk.copiedFirst(pass);
          walk.read(pass);
        }
        return List.of(
            Comparison.measure(
                new Question("KV in the host tier", "copied up first", OptionalDouble.empty()),
                pairs,
                walk::inPlace,
                walk::copiedFirst),
            Comparison.measure(
                new Question("KV in the host tier", "read of memory", OptionalDouble.empty()),
                pairs,
                walk::inPlace,
                walk::read));
      }
    }
  }

  private final class Walk {
    private final BlockTier tier;
    private final List<BlockKey> keys;
    private final MemorySegment memory;
    private final MemorySegment landing;
    private long sum;

    Walk(BlockTier tier, BenchBlocks blocks, Arena arena) {
      this.tier = tier;
      this.keys = blocks.keys();
      this.memory = blocks.memory();
      this.landing = arena.allocate(GEOMETRY.bytes(), BlockGeometry.ALIGNMENT);
    }

    double inPlace(int pass) {
      return timed(
          pass, (key, first) -> found(tier.with(key, (_, payload) -> add(payload, first))));
    }

    double copiedFirst(int pass) {
      return timed(
          pass + 1,
          (key, first) -> {
            found(tier.read(key, landing));
            add(landing, first);
          });
    }

    double read(int pass) {
      long bytes = BLOCKS_A_PASS * GEOMETRY.bytes();
      long slices = Math.max(1, memory.byteSize() / bytes);
      long from = pass % slices * bytes;
      long started = System.nanoTime();
      sum += VectorReadProbe.sum(memory, from, Math.min(from + bytes, memory.byteSize()));
      double seconds = (System.nanoTime() - started) / SECOND;
      return sum == 0 ? 0 : bytes / seconds;
    }

    private void add(MemorySegment block, int first) {
      attention.addBlock(block, GEOMETRY, first, GEOMETRY.tokens());
    }

    private static void found(ReadOutcome outcome) {
      if (!(outcome instanceof ReadOutcome.Found)) {
        throw new IllegalStateException("a block that was put is gone: " + outcome);
      }
    }

    private double timed(int pass, Add add) {
      int tokens = GEOMETRY.tokens();
      long started = System.nanoTime();
      attention.start(SHAPE, query, 0, BLOCKS_A_PASS * tokens - 1, 1);
      for (int block = 0; block < BLOCKS_A_PASS; block++) {
        int at = (int) ((pass * (long) BLOCKS_A_PASS + block) % keys.size());
        add.add(keys.get(at), block * tokens);
      }
      attention.finish(out, 0);
      return BLOCKS_A_PASS * GEOMETRY.bytes() * SECOND / (System.nanoTime() - started);
    }
  }

  @FunctionalInterface
  private interface Add {
    void add(BlockKey key, int firstPosition);
  }
}
