package dev.varve.offload.replacement;

import java.util.Arrays;

/**
 * Chunks that left the tier and what was known of them, the latest {@link #MOST}: a ring with a
 * table of names. A ghost whose chunk comes back leaves a vacant place in the ring.
 */
final class Ghosts {

  /** Most ghosts remembered; about 4 MiB. */
  static final int MOST = 1 << 17;

  /** The class of a place whose ghost is gone: asked of all places at once, so kept beside them. */
  private static final short VACANT = -1;

  private final ReuseEstimates estimates;
  private final LongTable places = new LongTable();
  private final long[] name = new long[MOST];
  private final int[] touched = new int[MOST];
  private final short[] reuseClass = new short[MOST];
  private final byte[] hits = new byte[MOST];
  private long written;

  /**
   * @param estimates told of ghosts that are forgotten
   */
  Ghosts(ReuseEstimates estimates) {
    this.estimates = estimates;
    Arrays.fill(reuseClass, VACANT);
  }

  /** The place of a ghost, or -1. */
  int find(long chunk) {
    return places.get(chunk);
  }

  /** Remembers the chunk of a slot at the time {@code tick}. */
  void add(ChunkSlots slots, int slot, int tick) {
    int place = (int) (written++ & (MOST - 1));
    if (isPresent(place)) {
      estimates.lost(reuseClass[place], tick - touched[place]);
      places.remove(name[place]);
    }
    name[place] = slots.name(slot);
    int earlier = places.put(name[place], place);
    if (earlier != LongTable.ABSENT) {
      reuseClass[earlier] = VACANT;
    }
    touched[place] = slots.touched(slot);
    reuseClass[place] = (short) slots.reuseClass(slot);
    hits[place] = (byte) slots.hits(slot);
  }

  /** Forgets a ghost. */
  void remove(int place) {
    places.remove(name[place]);
    reuseClass[place] = VACANT;
  }

  int touched(int place) {
    return touched[place];
  }

  int hits(int place) {
    return hits[place];
  }

  int reuseClass(int place) {
    return reuseClass[place];
  }

  /** Places of the ring written so far. */
  int used() {
    return (int) Math.min(written, MOST);
  }

  /** Whether a written place still holds its ghost. */
  boolean isPresent(int place) {
    return reuseClass[place] != VACANT;
  }
}
