package dev.varve.offload;

import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Has blocks leave HOT, coldest chunk first. Nothing is locked while bytes are copied, so that
 * several threads carry different blocks side by side. Thread-safe.
 */
final class Demotion {

  /** Bounds how long one put keeps others from the tier. */
  private static final long MEMORY_BATCH_BYTES = 4L << 20;

  /** Large enough that the sync at its end costs little. */
  private static final long DURABLE_BATCH_BYTES = 16L << 20;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final CopyDown copies;
  private final Underway underway;
  private final LastCopies lastCopies;
  private final Room room;
  private final BiConsumer<List<Place>, BlockTier> beforeCarrying;

  /**
   * @param beforeCarrying told what is about to be carried to the nearest tier
   */
  Demotion(
      Tiers tiers,
      ChunkOrders orders,
      Counters counters,
      CopyDown copies,
      Underway underway,
      LastCopies lastCopies,
      Room room,
      BiConsumer<List<Place>, BlockTier> beforeCarrying) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.copies = copies;
    this.underway = underway;
    this.lastCopies = lastCopies;
    this.room = room;
    this.beforeCarrying = beforeCarrying;
  }

  /**
   * Which blocks would leave to free {@code slots}.
   *
   * @param wholeChunks whether the last chunk leaves with all of its layers
   * @param yield what may be given up for it
   */
  MovePlan plan(int slots, boolean wholeChunks, Sacrifice yield) {
    List<Move> moves = new ArrayList<>();
    orders
        .hot()
        .victims(chunk -> {
          for (int layer = 0; layer < chunk.layers(); layer++) {
            if (moves.size() >= slots && !wholeChunks) {
              return true;
            }
            addMove(chunk, layer, yield, moves);
          }
          return moves.size() >= slots;
        });
    return new MovePlan(moves, slots);
  }

  /** Has the coldest chunk leave that no session claims; returns how many slots became free. */
  int displaceUnclaimed() {
    List<Move> moves = new ArrayList<>();
    orders
        .hot()
        .victims(chunk -> {
          for (int layer = 0; layer < chunk.layers() && !chunk.claimed(); layer++) {
            addMove(chunk, layer, Sacrifice.NOTHING, moves);
          }
          return !moves.isEmpty();
        });
    return apply(new MovePlan(moves, 1), Sacrifice.NOTHING);
  }

  private void addMove(Chunk chunk, int layer, Sacrifice yield, List<Move> moves) {
    long handle = chunk.hotHandle(layer);
    if (handle == Chunk.NOT_HOT || tiers.hot().leased(handle)) {
      return;
    }
    Move move = new Move(chunk, layer, handle);
    if (yield == Sacrifice.WAITING || move.hasLowerCopy() || !copies.waits(move.place())) {
      moves.add(move);
    }
  }

  /** Returns how many slots became free. */
  int apply(MovePlan plan, Sacrifice yield) {
    List<Place> leaving = plan.moves().stream().map(Move::place).toList();
    if (!leaving.isEmpty() && !tiers.lower().isEmpty()) {
      beforeCarrying.accept(leaving, tiers.lower().getFirst());
    }
    carry(leaving, 0, yield);
    for (int index = 1; index < tiers.lower().size(); index++) {
      carryVariants(leaving, index, yield);
    }
    return plan.moves().stream().mapToInt(move -> leaveHot(move, yield)).sum();
  }

  /** Returns how many slots became free. */
  private int leaveHot(Move move, Sacrifice yield) {
    if (lastCopies.leaveHot(move)) {
      return 1;
    }
    boolean forget =
        !move.hasLowerCopy()
            && switch (yield) {
              case NOTHING -> false;
              case UNPLACED -> !copies.waits(move.place());
              case WAITING -> true;
            };
    return forget ? room.forget(move.chunk()) : 0;
  }

  /** Has {@code places} held by the nearest tier from {@code index} down that has room for them. */
  private void carry(List<Place> places, int index, Sacrifice yield) {
    if (index == tiers.lower().size()) {
      counters.putsDropped((int) places.stream().filter(place -> !copies.waits(place)).count());
      return;
    }
    BlockTier tier = tiers.lower().get(index);
    List<Place> missing =
        places.stream().filter(place -> !place.chunk().in(tier.tier(), place.layer())).toList();
    for (List<Place> batch : batches(missing, tier)) {
      List<Place> refused = carryBatch(batch, index, yield);
      if (!refused.isEmpty()) {
        carry(refused, index + 1, yield);
      }
    }
  }

  /**
   * Writes to a farther tier what it asks for in another encoding than the nearest one: this is the
   * last moment at which what was sealed is there.
   */
  private void carryVariants(List<Place> places, int index, Sacrifice yield) {
    BlockTier tier = tiers.lower().get(index);
    List<Place> wanted = places.stream().filter(place -> onlyNow(place, tier.tier())).toList();
    for (List<Place> batch : batches(wanted, tier)) {
      carryBatch(batch, index, yield);
    }
  }

  private boolean onlyNow(Place place, Tier tier) {
    Chunk chunk = place.chunk();
    Encoding wanted = tiers.variants().planned(chunk, tier);
    Encoding nearest = tiers.variants().planned(chunk, tiers.lower().getFirst().tier());
    return !tiers.variants().exact(chunk)
        && !wanted.equals(nearest)
        && chunk.originalHandle(place.layer()) != Chunk.NOT_HOT
        && !chunk.in(tier, place.layer());
  }

  /** Returns what is still only hot. */
  private List<Place> carryBatch(List<Place> batch, int index, Sacrifice yield) {
    BlockTier tier = tiers.lower().get(index);
    List<Place> begun = underway.begin(batch);
    try {
      if (begun.isEmpty()) {
        return begun;
      }
      room.make(index, room.footprint(tier, begun), yield);
      begun.forEach(place -> place.chunk().startMove(place.layer(), tier.tier()));
      int done = copies.carryOrWait(begun, tier);
      begun.forEach(place -> place.chunk().endMove(place.layer()));
      counters.putsDropped(aboveQuota(begun.subList(0, done)));
      return begun.subList(done, begun.size()).stream()
          .filter(place -> !place.heldBelow(Tier.HOT))
          .toList();
    } finally {
      underway.end(begun);
    }
  }

  /** How many of these blocks, which need no more care and are not lost, are still only hot. */
  private int aboveQuota(List<Place> places) {
    return (int)
        places.stream().filter(place -> place.exists() && !place.heldBelow(Tier.HOT)).count();
  }

  /** Cuts {@code places} into batches for {@code tier}. */
  List<List<Place>> batches(List<Place> places, BlockTier tier) {
    List<List<Place>> batches = new ArrayList<>();
    long most = batchBytes(tier);
    long bytes = 0;
    int from = 0;
    for (int at = 0; at < places.size(); at++) {
      long next = tiers.payloadBytes(places.get(at).chunk(), places.get(at).layer());
      if (at > from && bytes + next > most) {
        batches.add(places.subList(from, at));
        from = at;
        bytes = 0;
      }
      bytes += next;
    }
    if (from < places.size()) {
      batches.add(places.subList(from, places.size()));
    }
    return batches;
  }

  /** Most blocks that are put to {@code tier} at once. */
  int batchBlocks(BlockTier tier) {
    return Math.toIntExact(Math.max(1, batchBytes(tier) / tiers.geometry().largestBlock()));
  }

  private static long batchBytes(BlockTier tier) {
    return Tiers.durable(tier.tier()) ? DURABLE_BATCH_BYTES : MEMORY_BATCH_BYTES;
  }
}
