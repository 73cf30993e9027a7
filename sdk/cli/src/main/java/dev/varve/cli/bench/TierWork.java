package dev.varve.cli.bench;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Timed work on a tier; whatever it refuses ends the benchmark. */
final class TierWork {

  private static final double SECOND = 1e9;

  private TierWork() {}

  /** Bytes a second of putting {@code batches}, each in one call. */
  static double put(BlockTier tier, List<List<EncodedBlock>> batches) {
    long bytes = 0;
    long started = System.nanoTime();
    for (List<EncodedBlock> batch : batches) {
      if (tier.put(batch) != batch.size()) {
        throw new CommandFailure(
            ExitCode.NO, "the " + tier.tier() + " tier of the benchmark is full: report this");
      }
      bytes += batch.size() * BenchBlocks.blockBytes();
    }
    return bytes * SECOND / (System.nanoTime() - started);
  }

  /** Bytes a second of reading {@code keys} one by one, checks included. */
  static double read(BlockTier tier, List<BlockKey> keys, MemorySegment target) {
    long started = System.nanoTime();
    for (BlockKey key : keys) {
      ReadOutcome outcome = tier.read(key, target);
      if (!(outcome instanceof ReadOutcome.Found)) {
        throw new CommandFailure(ExitCode.NO, key + " was put and not found: " + outcome);
      }
    }
    return keys.size() * BenchBlocks.blockBytes() * SECOND / (System.nanoTime() - started);
  }
}
