package dev.varve.offload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The blocks that are being carried now. No two threads carry the same block, and a chunk is
 * claimed while one of its blocks is carried, so that it is not forgotten under way. Thread-safe.
 */
final class Underway {

  private final Set<Place> places = new HashSet<>();
  private int batches;
  private long ended;

  /**
   * Begins a batch.
   *
   * @return those of {@code wanted} that nobody else carries and that are not forgotten; the caller
   *     {@linkplain #end ends} the batch with just these
   */
  synchronized List<Place> begin(List<Place> wanted) {
    batches++;
    List<Place> begun = new ArrayList<>(wanted.size());
    for (Place place : wanted) {
      if (!places.contains(place) && place.chunk().claim()) {
        places.add(place);
        begun.add(place);
      }
    }
    return begun;
  }

  /** The same with all of {@code wanted}: waits for those that are under way. */
  synchronized List<Place> beginAll(List<Place> wanted) {
    boolean interrupted = false;
    while (!Collections.disjoint(wanted, places)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
    for (Place place : begun) {
      places.remove(place);
      place.chunk().unclaim();
    }
    batches--;
    ended++;
    notifyAll();
  }

  /** Waits until one of the batches that others carry has ended; false if there is none. */
  synchronized boolean awaitEnd() {
    long seen = ended;
    boolean waited = batches > 0;
    boolean interrupted = false;
    while (batches > 0 && ended == seen) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return waited;
  }
}
