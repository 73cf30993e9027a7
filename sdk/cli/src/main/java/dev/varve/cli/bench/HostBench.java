package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockTier;
import dev.varve.store.host.ChronicleHostTier;
import dev.varve.store.host.HostTierConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/** Puts and gets of the host tier beside plain copies of the same bytes. */
public final class HostBench {

  private static final int ROOM_PERCENT = 130;
  private static final long BATCH_BYTES = 16L << 20;
  private static final double SECOND = 1e9;

  private final long bytes;
  private final int pairs;

  /** One that moves {@code bytes} in each measurement. */
  public HostBench(long bytes, int pairs) {
    this.bytes = bytes;
    this.pairs = pairs;
  }

  /** Measures; the first round, which touches fresh memory, does not count. */
  public List<Comparison> run() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      BenchBlocks blocks = BenchBlocks.make(bytes, arena);
      long total = blocks.memory().byteSize();
      MemorySegment copy = arena.allocate(total, BlockGeometry.ALIGNMENT);
      MemorySegment landing = arena.allocate(BenchBlocks.blockBytes(), BlockGeometry.ALIGNMENT);
      HostTierConfig config =
          new HostTierConfig(
              total / 100 * ROOM_PERCENT + (4L << 20), Math.toIntExact(BenchBlocks.blockBytes()));
      try (BlockTier tier = ChronicleHostTier.open(config)) {
        putAgain(tier, blocks);
        copyAll(blocks.memory(), copy);
        Comparison put =
            Comparison.measure(
                question("HOST put", "memcpy"),
                pairs,
                _ -> putAgain(tier, blocks),
                _ -> copyAll(blocks.memory(), copy));
        TierWork.read(tier, blocks.keys(), landing);
        Comparison get =
            Comparison.measure(
                question("HOST get", "memcpy"),
                pairs,
                _ -> TierWork.read(tier, blocks.keys(), landing),
                _ -> copyBlocks(copy, landing));
        return List.of(put, get);
      }
    }
  }

  private static Question question(String name, String probe) {
    return new Question(name, probe, OptionalDouble.empty());
  }

  private static double putAgain(BlockTier tier, BenchBlocks blocks) {
    tier.remove(blocks.keys());
    return TierWork.put(tier, blocks.batches(BATCH_BYTES));
  }

  private static double copyAll(MemorySegment from, MemorySegment to) {
    long started = System.nanoTime();
    long step = BenchBlocks.blockBytes();
    for (long at = 0; at < from.byteSize(); at += step) {
      MemorySegment.copy(from, at, to, at, step);
    }
    return from.byteSize() * SECOND / (System.nanoTime() - started);
  }

  private static double copyBlocks(MemorySegment from, MemorySegment landing) {
    long started = System.nanoTime();
    for (long at = 0; at < from.byteSize(); at += landing.byteSize()) {
      MemorySegment.copy(from, at, landing, 0, landing.byteSize());
    }
    return from.byteSize() * SECOND / (System.nanoTime() - started);
  }
}
