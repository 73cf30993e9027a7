package dev.varve.offload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The blocks that are being carried now. No two threads carry the same block, and a chunk is
 * claimed while one of its blocks is carried, so that it is not forgotten under way. Thread-safe.
 */
final class Underway {

  private final Set<Place> places = new HashSet<>();
  private final Set<List<Place>> batches = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Begins a batch.
   *
   * @return those of {@code wanted} that nobody else carries and that are not forgotten; the caller
   *     {@linkplain #end ends} the batch with just these
   */
  synchronized List<Place> begin(List<Place> wanted) {
    List<Place> begun = new ArrayList<>(wanted.size());
    for (Place place : wanted) {
      if (!places.contains(place) && place.chunk().claim()) {
        places.add(place);
        begun.add(place);
      }
    }
    batches.add(begun);
    return begun;
  }

  /** The same with all of {@code wanted}: waits for those that are under way. */
  synchronized List<Place> beginAll(List<Place> wanted) {
    awaiting(() -> !Collections.disjoint(wanted, places));
    return begin(wanted);
  }

  /**
   * Runs {@code action} while nobody else makes or removes copies of {@code blocks}, without a
   * claim on their chunk; false, and nothing is run, if somebody does.
   */
  boolean runAlone(List<Place> blocks, Runnable action) {
    synchronized (this) {
      if (!Collections.disjoint(places, blocks)) {
        return false;
      }
      places.addAll(blocks);
    }
    try {
      action.run();
    } finally {
      synchronized (this) {
        blocks.forEach(places::remove);
        notifyAll();
      }
    }
    return true;
  }

  synchronized void end(List<Place> begun) {
    batches.remove(begun);
    begun.forEach(places::remove);
    notifyAll();
    begun.forEach(place -> place.chunk().unclaim());
  }

  /** The batches that others carry now. */
  synchronized Others others() {
    return new Others(batches);
  }

  /** Batches of others that were under way at one moment. For one thread. */
  final class Others {

    private final List<List<Place>> left;

    private Others(Set<List<Place>> batches) {
      left = new ArrayList<>(batches);
    }

    /** Waits until one more of these batches has ended; false if all of them were seen to end. */
    boolean awaitNext() {
      synchronized (Underway.this) {
        if (left.isEmpty()) {
          return false;
        }
        awaiting(() -> batches.containsAll(left));
        left.retainAll(batches);
        return true;
      }
    }
  }

  /** Waits for as long as {@code busy} says so, whatever interrupts; for who owns the monitor. */
  private void awaiting(BooleanSupplier busy) {
    boolean interrupted = false;
    while (busy.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
