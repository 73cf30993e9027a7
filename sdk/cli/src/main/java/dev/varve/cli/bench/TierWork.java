package dev.varve.cli.bench;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTarget;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Timed work on a tier; whatever it refuses ends the benchmark. */
final class TierWork {

  private static final double SECOND = 1e9;

  private static final MemoryLayout BLOCK =
      MemoryLayout.sequenceLayout(BenchBlocks.blockBytes(), ValueLayout.JAVA_BYTE);

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
      found(key, tier.read(key, target));
    }
    return rate(keys, started);
  }

  /** Bytes a second of reading as many at once as {@code targets} holds, checks included. */
  static double readTogether(BlockTier tier, List<BlockKey> keys, MemorySegment targets) {
    List<MemorySegment> places = targets.elements(BLOCK).toList();
    long started = System.nanoTime();
    for (int from = 0; from < keys.size(); from += places.size()) {
      List<BlockTarget> wanted = new ArrayList<>();
      for (int i = from; i < Math.min(keys.size(), from + places.size()); i++) {
        wanted.add(new BlockTarget(keys.get(i), places.get(i - from)));
      }
      List<ReadOutcome> outcomes = tier.readAll(wanted);
      for (int i = 0; i < outcomes.size(); i++) {
        found(wanted.get(i).key(), outcomes.get(i));
      }
    }
    return rate(keys, started);
  }

  private static void found(BlockKey key, ReadOutcome outcome) {
    if (!(outcome instanceof ReadOutcome.Found)) {
      throw new CommandFailure(ExitCode.NO, key + " was put and not found: " + outcome);
    }
  }

  private static double rate(List<BlockKey> keys, long started) {
    return keys.size() * BenchBlocks.blockBytes() * SECOND / (System.nanoTime() - started);
  }
}
