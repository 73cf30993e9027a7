package dev.varve.store;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One entry of the catalog: the sealed blocks of all layers for one span of tokens, and where each
 * of them is. Thread-safe; every change of a residence is one compare-and-set.
 *
 * <p>A claim keeps the chunk from being forgotten by its last tier. A chunk without claims may be
 * retired, once, after which no claim succeeds and the catalog lets it go.
 */
public final class Chunk {

  /** What {@link #hotHandle} says when the block is not in HOT. */
  public static final long NOT_HOT = -1;

  private static final int RETIRED = -1;

  private final ChunkKey key;
  private final ChunkSpan span;
  private final AtomicLongArray words;
  private final AtomicInteger claims = new AtomicInteger();

  /** A chunk that is nowhere yet. */
  public Chunk(ChunkKey key, ChunkSpan span) {
    this.key = key;
    this.span = span;
    this.words = new AtomicLongArray(span.layers());
  }

  public ChunkKey key() {
    return key;
  }

  /** What its blocks have in common. */
  public ChunkSpan span() {
    return span;
  }

  /** Layers of the model. */
  public int layers() {
    return words.length();
  }

  /** Where the block of {@code layer} is. */
  public Residence residence(int layer) {
    return Residence.of(words.get(layer));
  }

  /** Whether the block of {@code layer} can be read from {@code tier}. */
  public boolean in(Tier tier, int layer) {
    return ResidenceWord.has(words.get(layer), tier);
  }

  /** Whether any tier holds the block of {@code layer}. */
  public boolean anywhere(int layer) {
    return ResidenceWord.anywhere(words.get(layer));
  }

  /** Whether any tier holds any block. */
  public boolean anywhere() {
    for (int layer = 0; layer < words.length(); layer++) {
      if (anywhere(layer)) {
        return true;
      }
    }
    return false;
  }

  /** Handle of the hot slot of {@code layer}, or {@link #NOT_HOT}. */
  public long hotHandle(int layer) {
    long word = words.get(layer);
    return ResidenceWord.has(word, Tier.HOT) ? ResidenceWord.handle(word) : NOT_HOT;
  }

  /**
   * Enters a hot slot for {@code layer}.
   *
   * @return false if another slot was entered before; the caller keeps its own
   */
  public boolean placeHot(int layer, long handle) {
    while (true) {
      long word = words.get(layer);
      if (ResidenceWord.has(word, Tier.HOT)) {
        return false;
      }
      if (words.compareAndSet(layer, word, ResidenceWord.placedHot(word, handle))) {
        return true;
      }
    }
  }

  /** Strikes the hot slot of {@code layer} if it is still this one. */
  public void dropHot(int layer, long handle) {
    words.updateAndGet(
        layer,
        word ->
            ResidenceWord.has(word, Tier.HOT) && ResidenceWord.handle(word) == handle
                ? ResidenceWord.dropped(word, Tier.HOT)
                : word);
  }

  /** Enters a complete copy below HOT. */
  public void place(int layer, Tier tier) {
    words.updateAndGet(layer, word -> ResidenceWord.placed(word, checkLower(tier)));
  }

  /** Strikes a copy below HOT. */
  public void drop(int layer, Tier tier) {
    words.updateAndGet(layer, word -> ResidenceWord.dropped(word, checkLower(tier)));
  }

  /** Notes that the block of {@code layer} is being carried to {@code to}. */
  public void startMove(int layer, Tier to) {
    words.updateAndGet(layer, word -> ResidenceWord.moving(word, to));
  }

  /** Notes that no move is under way any more. */
  public void endMove(int layer) {
    words.updateAndGet(layer, ResidenceWord::settled);
  }

  /** Claims the chunk; false if it was retired. */
  public boolean claim() {
    int seen;
    do {
      seen = claims.get();
      if (seen == RETIRED) {
        return false;
      }
    } while (!claims.compareAndSet(seen, seen + 1));
    return true;
  }

  /** Ends one claim. */
  public void unclaim() {
    int left = claims.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("chunk " + key.chain() + " was released without a claim");
    }
  }

  /** Whether a session holds the chunk. */
  public boolean claimed() {
    return claims.get() > 0;
  }

  /** Ends the chunk's life unless it is claimed; true for one caller at most. */
  boolean retire() {
    return claims.compareAndSet(0, RETIRED);
  }

  private static Tier checkLower(Tier tier) {
    if (tier == Tier.HOT) {
      throw new IllegalArgumentException("a HOT residence has a slot: use placeHot and dropHot");
    }
    return tier;
  }

  @Override
  public String toString() {
    return "chunk " + key.chain() + " at token " + span.firstToken();
  }
}
