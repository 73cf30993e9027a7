package dev.varve.store.remote;

import java.util.concurrent.atomic.LongAdder;

/** Counts what became of requests. Thread-safe. */
final class RemoteCounters {

  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder written = new LongAdder();
  final LongAdder readBytes = new LongAdder();
  final LongAdder writtenBytes = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder spared = new LongAdder();
  final LongAdder damaged = new LongAdder();

  void hit(long bytes) {
    hits.increment();
    readBytes.add(bytes);
  }

  void wrote(long bytes) {
    written.increment();
    writtenBytes.add(bytes);
  }

  RemoteStats snapshot(boolean reachable) {
    return new RemoteStats(
        hits.sum(),
        misses.sum(),
        written.sum(),
        readBytes.sum(),
        writtenBytes.sum(),
        failures.sum(),
        spared.sum(),
        damaged.sum(),
        reachable);
  }
}
