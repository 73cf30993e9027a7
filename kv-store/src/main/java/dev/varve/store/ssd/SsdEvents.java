package dev.varve.store.ssd;

import java.util.concurrent.atomic.LongAdder;

/** Counts what happened, from any thread. */
final class SsdEvents {

  final LongAdder damagedReads = new LongAdder();
  final LongAdder failedPuts = new LongAdder();
  final LongAdder failedSyncs = new LongAdder();
  final LongAdder failedRemovals = new LongAdder();
  final LongAdder lostBlocks = new LongAdder();
  final LongAdder rebuilds = new LongAdder();
  final LongAdder recovered = new LongAdder();
  final LongAdder syncs = new LongAdder();

  SsdCounters snapshot(String ioMode) {
    return new SsdCounters(
        ioMode,
        damagedReads.sum(),
        failedPuts.sum(),
        failedSyncs.sum(),
        failedRemovals.sum(),
        lostBlocks.sum(),
        rebuilds.sum(),
        recovered.sum(),
        syncs.sum());
  }
}
