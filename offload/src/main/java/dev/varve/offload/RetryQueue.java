package dev.varve.offload;

import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks that one tier refused for a reason that may pass, such as a full disk, until they are
 * tried again; bounded. After a failure the tier rests: nothing is written to it until the pause is
 * over. Thread-safe.
 */
final class RetryQueue {

  private static final Logger LOG = LoggerFactory.getLogger(RetryQueue.class);

  private final Tier tier;
  private final RetryLimits limits;
  private final LongSupplier nanoTime;
  private final Counters counters;
  private final Map<Place, Integer> tries = new LinkedHashMap<>();
  private int failures;
  private long due;

  RetryQueue(Tier tier, RetryLimits limits, LongSupplier nanoTime, Counters counters) {
    this.tier = tier;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.counters = counters;
  }

  /** Whether the tier failed a moment ago and is to be left alone. */
  synchronized boolean resting() {
    return failures > 0 && nanoTime.getAsLong() - due < 0;
  }

  /** The tier failed to write: it rests. */
  synchronized void failed() {
    failures++;
    due = nanoTime.getAsLong() + limits.pauseNanos(failures);
  }

  /** Has these blocks wait as far as there is room; the others count as dropped. */
  synchronized void add(List<Place> places) {
    int dropped = 0;
    for (Place place : places) {
      if (tries.size() < limits.blocks() || tries.containsKey(place)) {
        tries.putIfAbsent(place, 0);
      } else {
        dropped++;
      }
    }
    counters.putsDropped(dropped);
  }

  /** Whether {@code place} waits here. */
  synchronized boolean waits(Place place) {
    return tries.containsKey(place);
  }

  /** Blocks that wait. */
  synchronized int size() {
    return tries.size();
  }

  /**
   * Up to {@code most} blocks to be tried now, longest waiting first; none while the tier rests.
   */
  synchronized List<Place> due(int most) {
    return resting() ? List.of() : tries.keySet().stream().limit(most).toList();
  }

  /** These need not wait any more: the tier was written, or they are gone. */
  synchronized void settled(Collection<Place> places) {
    places.forEach(tries::remove);
  }

  /** The tier can be written again. */
  synchronized void recovered() {
    failures = 0;
  }

  /** These were tried in vain; those that were tried often enough are given up. */
  synchronized void triedInVain(List<Place> places) {
    List<Place> over = new ArrayList<>();
    for (Place place : places) {
      Integer tried = tries.computeIfPresent(place, (_, count) -> count + 1);
      if (tried != null && tried >= limits.tries()) {
        over.add(place);
      }
    }
    if (!over.isEmpty()) {
      over.forEach(tries::remove);
      counters.gaveUp(over.size());
      counters.putsDropped(over.size());
      LOG.error(
          "{} refused {} blocks {} times: they are given up and stay where they are, unless room is"
              + " needed there",
          tier,
          over.size(),
          limits.tries());
    }
  }
}
