package dev.varve.offload;

import dev.varve.store.Chunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that are being made hot ahead of need. Holds a claim on their chunks while it runs.
 * Thread-safe.
 */
public final class Prefetch implements AutoCloseable {

  /** What became of a prefetch. */
  public enum State {
    /** Blocks are still to come. */
    RUNNING,
    /** Every block within the limit is hot, or was a moment ago. */
    COMPLETE,
    /** Ended by its owner; blocks that had come stay. */
    CANCELLED,
    /** Ended because a block was lost from all tiers. */
    LOST
  }

  /**
   * How far a prefetch is.
   *
   * @param blocks that it brings
   * @param near how many of them came
   * @param beyondLimit blocks that it does not bring because too many slots would be taken
   */
  public record Progress(State state, int blocks, int near, int beyondLimit) {}

  private final List<Chunk> claimed;
  private final List<Place> places;
  private final int beyondLimit;
  private final Runnable onEnd;
  private State state;
  private boolean fetching;
  private int next;

  /**
   * @param claimed claimed by the caller; the claims pass over
   * @param places blocks to bring, in this order
   */
  Prefetch(List<Chunk> claimed, List<Place> places, int beyondLimit, Runnable onEnd) {
    this.claimed = List.copyOf(claimed);
    this.places = List.copyOf(places);
    this.beyondLimit = beyondLimit;
    this.onEnd = onEnd;
    this.state = State.RUNNING;
    if (places.isEmpty()) {
      state = State.COMPLETE;
      release();
    }
  }

  /** How far it is now. */
  public synchronized Progress progress() {
    return new Progress(state, places.size(), next, beyondLimit);
  }

  /** Ends it; at most the one block that is being read still comes. Idempotent. */
  public synchronized void cancel() {
    endAs(State.CANCELLED);
  }

  /** Cancels. */
  @Override
  public void close() {
    cancel();
  }

  /**
   * The block to fetch now, until {@link #fetched} or {@link #notFetched}; null if there is none.
   */
  synchronized @Nullable Place begin() {
    if (state != State.RUNNING || fetching) {
      return null;
    }
    fetching = true;
    return places.get(next);
  }

  synchronized boolean running() {
    return state == State.RUNNING;
  }

  synchronized void fetched() {
    next++;
    fetching = false;
    ended(next == places.size() ? State.COMPLETE : State.RUNNING);
  }

  /** Leaves the block for later, or ends the prefetch. */
  synchronized void notFetched(State now) {
    fetching = false;
    ended(now);
  }

  private void ended(State now) {
    if (state == State.RUNNING) {
      endAs(now);
    } else {
      release();
    }
  }

  private void endAs(State now) {
    if (state == State.RUNNING && now != State.RUNNING) {
      state = now;
      if (!fetching) {
        release();
      }
    }
  }

  private void release() {
    claimed.forEach(Chunk::unclaim);
    onEnd.run();
  }
}
