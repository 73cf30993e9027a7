package dev.varve.store;

import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the catalog: the sealed blocks of all layers for one span of tokens, and where each
 * of them is. Thread-safe; every change of a residence is one compare-and-set.
 *
 * <p>A claim keeps the chunk from being forgotten by its last tier. A chunk without claims may be
 * retired, once, after which no claim succeeds and the catalog lets it go.
 *
 * <p>A chunk that nobody claims, with all its layers in the same tiers below HOT, rests: the
 * catalog keeps a row of some words and no object. An object of this class stays good meanwhile, it
 * asks the catalog. Two objects may stand for one chunk; while it is claimed or hot the catalog
 * gives out the same one.
 */
public final class Chunk {

  /** What {@link #hotHandle} says when the block is not in HOT. */
  public static final long NOT_HOT = -1;

  private final ChunkKey key;
  private final int firstToken;
  private final int tokens;
  private final int layers;
  private final long parentName;
  private volatile @Nullable ChunkSpan span;
  private volatile @Nullable ChunkCatalog catalog;
  private volatile ChunkState state;

  /** A chunk that is nowhere yet. */
  public Chunk(ChunkKey key, ChunkSpan span) {
    this.key = key;
    this.span = span;
    this.firstToken = span.firstToken();
    this.tokens = span.tokens();
    this.layers = span.layers();
    this.parentName = span.parent().digest().first();
    this.state = ChunkState.fresh(layers);
  }

  /** A chunk that {@code catalog} holds. */
  Chunk(ChunkCatalog catalog, ChunkKey key, ChunkOwners.Owner owner, int place, long parentName) {
    this.catalog = catalog;
    this.key = key;
    this.firstToken = place * owner.tokens();
    this.tokens = owner.tokens();
    this.layers = owner.layers();
    this.parentName = parentName;
    this.state = ChunkState.RESTING;
  }

  public ChunkKey key() {
    return key;
  }

  /** The first 64 bits of the chain key, by which replacement policies name chunks. */
  public long name() {
    return key.chain().digest().first();
  }

  /** The first 64 bits of the parent's chain key, or of the chain's root for a first chunk. */
  public long parentName() {
    return parentName;
  }

  /**
   * What its blocks have in common. Of the parent of a chunk that rested the first 64 bits are
   * sure; the others are 0 if the catalog has forgotten the parent.
   */
  public ChunkSpan span() {
    ChunkSpan known = span;
    if (known == null) {
      known = new ChunkSpan(enteredIn().parentOf(this), firstToken, tokens, layers);
      span = known;
    }
    return known;
  }

  /** Position of the first token in its sequence. */
  public int firstToken() {
    return firstToken;
  }

  /** Tokens held. */
  public int tokens() {
    return tokens;
  }

  /** Layers of the model. */
  public int layers() {
    return layers;
  }

  /** Where the block of {@code layer} is. */
  public Residence residence(int layer) {
    return Residence.of(word(layer));
  }

  /** Whether the block of {@code layer} can be read from {@code tier}. */
  public boolean in(Tier tier, int layer) {
    return ResidenceWord.has(word(layer), tier);
  }

  /** Whether any tier holds the block of {@code layer}. */
  public boolean anywhere(int layer) {
    return ResidenceWord.anywhere(word(layer));
  }

  /** Whether any tier holds any block. */
  public boolean anywhere() {
    for (int layer = 0; layer < layers; layer++) {
      if (anywhere(layer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the chunk rests and {@code tier} holds all of its blocks that any tier holds. */
  public boolean restsIn(Tier tier) {
    return state.resting() && enteredIn().restsIn(this, tier);
  }

  /** Handle of the hot slot of {@code layer}, or {@link #NOT_HOT}. */
  public long hotHandle(int layer) {
    long word = word(layer);
    return ResidenceWord.has(word, Tier.HOT) ? ResidenceWord.handle(word) : NOT_HOT;
  }

  /**
   * Handle of the hot slot of {@code layer} if it holds what was sealed, or {@link #NOT_HOT}: also
   * where a {@linkplain #placeHotCopy copy} is hot.
   */
  public long originalHandle(int layer) {
    long word = word(layer);
    return ResidenceWord.has(word, Tier.HOT) && !ResidenceWord.hotIsCopy(word)
        ? ResidenceWord.handle(word)
        : NOT_HOT;
  }

  private long word(int layer) {
    ChunkState seen = state;
    return seen.resting() ? enteredIn().word(this, layer) : seen.word(layer);
  }

  /**
   * Enters a hot slot for {@code layer}; for who claims the chunk.
   *
   * @return false if another slot was entered before; the caller keeps its own
   */
  public boolean placeHot(int layer, long handle) {
    return placeHot(layer, word -> ResidenceWord.placedHot(word, handle));
  }

  /**
   * The same with a slot that holds what a lower tier gave, which may be an approximation of what
   * was sealed: nothing may be encoded from it.
   */
  public boolean placeHotCopy(int layer, long handle) {
    return placeHot(layer, word -> ResidenceWord.placedHotCopy(word, handle));
  }

  private boolean placeHot(int layer, LongUnaryOperator place) {
    boolean[] placed = {false};
    change(
        layer,
        word -> {
          placed[0] = !ResidenceWord.has(word, Tier.HOT);
          return placed[0] ? place.applyAsLong(word) : word;
        });
    return placed[0];
  }

  /** Strikes the hot slot of {@code layer} if it is still this one. */
  public void dropHot(int layer, long handle) {
    change(
        layer,
        word ->
            ResidenceWord.has(word, Tier.HOT) && ResidenceWord.handle(word) == handle
                ? ResidenceWord.dropped(word, Tier.HOT)
                : word);
  }

  /** Enters a complete copy below HOT. */
  public void place(int layer, Tier tier) {
    checkLower(tier);
    change(layer, word -> ResidenceWord.placed(word, tier));
  }

  /** Strikes a copy below HOT. */
  public void drop(int layer, Tier tier) {
    checkLower(tier);
    change(layer, word -> ResidenceWord.dropped(word, tier));
  }

  /** Notes that the block of {@code layer} is being carried down to {@code to}. */
  public void startMove(int layer, Tier to) {
    checkLower(to);
    change(layer, word -> ResidenceWord.moving(word, to));
  }

  /** Notes that no move is under way any more. */
  public void endMove(int layer) {
    change(layer, ResidenceWord::settled);
  }

  private void change(int layer, LongUnaryOperator change) {
    @Nullable ChunkState held = hold();
    if (held == null) {
      state.change(layer, change);
      return;
    }
    held.change(layer, change);
    release(held);
  }

  /**
   * Notes that the order in which chunks leave {@code tier} knows this chunk.
   *
   * @return false if it was noted before, or the chunk is retired
   */
  public boolean enlist(Tier tier) {
    return list(checkLower(tier), true);
  }

  /**
   * Takes {@link #enlist} back.
   *
   * @return false if that was not noted
   */
  public boolean delist(Tier tier) {
    return list(checkLower(tier), false);
  }

  private boolean list(Tier tier, boolean now) {
    @Nullable ChunkState held = hold();
    if (held == null) {
      return !now && state.list(tier, false);
    }
    boolean changed = held.list(tier, now);
    release(held);
    return changed;
  }

  /** Whether {@link #enlist} holds for {@code tier}. */
  public boolean listed(Tier tier) {
    ChunkState seen = state;
    int listed = seen.resting() ? enteredIn().listed(this) : seen.listed();
    return (listed & checkLower(tier).bit()) != 0;
  }

  /** Claims the chunk; false if it was retired. */
  public boolean claim() {
    return hold() != null;
  }

  /** Ends one claim. */
  public void unclaim() {
    ChunkState seen = state;
    release(seen.resting() ? enteredIn().current(this) : seen);
  }

  /** Whether a session holds the chunk. */
  public boolean claimed() {
    ChunkState seen = state;
    return (seen.resting() ? enteredIn().current(this) : seen).held();
  }

  /** Whether the catalog has forgotten the chunk. */
  public boolean retired() {
    return state.retired();
  }

  /** The state, held, waking the chunk if it rests; null if it was retired. */
  @Nullable ChunkState hold() {
    for (ChunkState seen = state; !seen.retired(); seen = state) {
      if (seen.hold()) {
        return seen;
      }
      if (seen.resting()) {
        return enteredIn().wake(this);
      }
    }
    return null;
  }

  private void release(ChunkState held) {
    int left = held.release();
    if (left < 0) {
      throw new IllegalStateException("chunk " + key.chain() + " was released without a claim");
    }
    ChunkCatalog entered = catalog;
    if (left == 0 && entered != null) {
      entered.settle(this, held);
    }
  }

  /** Ends one claim and leaves the chunk awake. */
  void unclaimAwake() {
    state.release();
  }

  ChunkState state() {
    return state;
  }

  /** Speaks of this state from here on. */
  ChunkState adopt(ChunkState now) {
    state = now;
    return now;
  }

  /** Belongs to this catalog from here on. */
  void enter(ChunkCatalog entered) {
    catalog = entered;
  }

  private ChunkCatalog enteredIn() {
    ChunkCatalog entered = catalog;
    if (entered == null) {
      throw new IllegalStateException(this + " is in no catalog");
    }
    return entered;
  }

  private static Tier checkLower(Tier tier) {
    if (tier == Tier.HOT) {
      throw new IllegalArgumentException("a HOT residence has a slot: use placeHot and dropHot");
    }
    return tier;
  }

  @Override
  public String toString() {
    return "chunk " + key.chain() + " at token " + firstToken;
  }
}
