package dev.varve.offload.object;

import dev.varve.store.object.ObjectStats;
import java.util.concurrent.atomic.LongAdder;

/** What objects came to since the store was opened. Thread-safe. */
final class ObjectCounters {

  final LongAdder leases = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder commits = new LongAdder();
  final LongAdder dropped = new LongAdder();
  final LongAdder deleted = new LongAdder();
  final LongAdder expired = new LongAdder();
  final LongAdder displaced = new LongAdder();
  final LongAdder lost = new LongAdder();

  ObjectStats snapshot(ObjectIndex index) {
    return new ObjectStats(
        index.count(),
        index.bytes(),
        leases.sum(),
        misses.sum(),
        commits.sum(),
        dropped.sum(),
        deleted.sum(),
        expired.sum(),
        displaced.sum(),
        lost.sum());
  }
}
