package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.Residence;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MoverTest {

  private static final int LAYERS = 2;
  private static final ModelShape SHAPE =
      ModelShape.uniform(LAYERS, LayerShape.grouped(2, 1, 8, RopeSpec.none()), Dtype.F32);
  private static final Fingerprint MODEL = Fingerprint.of("model", SHAPE, 32);
  private static final ModelGeometry GEOMETRY = ModelGeometry.of(SHAPE, 32);

  private final HotPool pool = new HotPool(8 * 4096, GEOMETRY.largestBlock());
  private final ChunkCatalog catalog = new ChunkCatalog();
  private final Counters counters = new Counters();
  private @Nullable ChunkOrders orders;

  @AfterEach
  void noLeaseIsLeftOpen() {
    assertThat(pool.openLeases()).isZero();
    pool.close();
  }

  @Test
  void carriesTheColdestChunkDownFirst() {
    MapTier host = new MapTier(Tier.HOST, 10);
    Mover mover = mover(host);
    Chunk oldest = chunk(1);
    Chunk middle = chunk(2);
    Chunk newest = chunk(3);
    Objects.requireNonNull(orders).touched(oldest);
    assertThat(free(mover, 4)).isEqualTo(4);
    assertThat(middle.in(Tier.HOT, 0)).isFalse();
    assertThat(middle.in(Tier.HOST, 0) && middle.in(Tier.HOST, 1)).isTrue();
    assertThat(oldest.in(Tier.HOT, 0) && newest.in(Tier.HOT, 0)).isTrue();
    assertThat(counters.writes(Tier.HOST)).isEqualTo(2);
  }

  @Test
  void planningChangesNothing() {
    Mover mover = mover(new MapTier(Tier.HOST, 10));
    Chunk chunk = chunk(1);
    MovePlan plan = mover.plan(3);
    assertThat(plan.moves()).extracting(Move::chunk).containsExactly(chunk, chunk);
    assertThat(plan.slotsWanted()).isEqualTo(3);
    assertThat(chunk.in(Tier.HOT, 0)).isTrue();
    assertThat(pool.freeSlots()).isEqualTo(6);
  }

  @Test
  void leavesALeasedBlockWhereItIs() {
    Mover mover = mover(new MapTier(Tier.HOST, 10));
    Chunk chunk = chunk(1);
    try (BlockLease lease = pool.newLease()) {
      assertThat(lease.take(chunk.hotHandle(0))).isTrue();
      assertThat(free(mover, 8)).isEqualTo(7);
      assertThat(chunk.in(Tier.HOT, 0)).isTrue();
      assertThat(chunk.in(Tier.HOT, 1)).isFalse();
    }
  }

  @Test
  void sinksWhatIsColdInHostToSsdWhenHostIsFull() {
    MapTier host = new MapTier(Tier.HOST, 4);
    MapTier ssd = new MapTier(Tier.SSD, 100);
    Mover mover = mover(host, ssd);
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      assertThat(free(mover, LAYERS)).isGreaterThanOrEqualTo(LAYERS);
      chunks.add(chunk(i));
    }
    for (int i = 0; i < 8; i++) {
      assertReadable(chunks.get(i), i, host, ssd);
    }
    assertThat(host.usage().blocks()).isEqualTo(4);
    assertThat(chunks.getFirst().in(Tier.SSD, 0)).isTrue();
    assertThat(chunks.getFirst().in(Tier.HOST, 0)).isFalse();
  }

  @Test
  void neverDropsTheLastCopyOfAClaimedBlock() {
    MapTier host = new MapTier(Tier.HOST, 2);
    Mover mover = mover(host);
    List<Chunk> claimed = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Chunk chunk = chunk(i);
      assertThat(chunk.claim()).isTrue();
      claimed.add(chunk);
    }
    assertThat(free(mover, 8)).as("host takes two blocks").isEqualTo(2);
    for (int i = 0; i < 4; i++) {
      assertReadable(claimed.get(i), i, host);
    }
    assertThat(counters.droppedPuts()).isPositive();
  }

  @Test
  void forgetsAnUnclaimedChunkThatNoTierHasRoomFor() {
    Mover mover = mover();
    Chunk chunk = chunk(1);
    assertThat(free(mover, 8)).isEqualTo(8);
    assertThat(catalog.peek(chunk.key())).isNull();
    assertThat(chunk.claim()).isFalse();
  }

  @Test
  void reclaimsTheOldestOfTheLastTierButNothingThatIsClaimed() {
    MapTier ssd = new MapTier(Tier.SSD, 4);
    Mover mover = mover(ssd);
    Chunk claimed = chunk(1);
    assertThat(claimed.claim()).isTrue();
    Chunk free = chunk(2);
    assertThat(mover.persist(List.of(claimed, free))).isZero();
    assertThat(free(mover, 8)).isEqualTo(8);
    Chunk next = chunk(3);
    assertThat(mover.persist(List.of(next))).as("two blocks cannot be written").isEqualTo(2);
    assertReadable(claimed, 1, ssd);
    assertReadable(free, 2, ssd);
    claimed.unclaim();
    assertThat(mover.persist(List.of(next))).isZero();
    assertReadable(next, 3, ssd);
    assertThat(catalog.peek(claimed.key())).isNull();
  }

  @Test
  void keepsClaimedBlocksWhereTheyAreWhenALowerTierCannotWrite() {
    MapTier ssd = new MapTier(Tier.SSD, 10);
    Mover mover = mover(ssd);
    Chunk chunk = chunk(1);
    assertThat(chunk.claim()).isTrue();
    ssd.breakDown();
    assertThat(free(mover, 8)).isEqualTo(6);
    assertThat(chunk.residence(0)).isEqualTo(new Residence.Resident(Set.of(Tier.HOT)));
    assertThatThrownBy(() -> mover.persist(List.of(chunk))).hasMessageContaining("disk is full");
    assertReadable(chunk, 1, ssd);
  }

  @Test
  void worksAheadOfNeedFromTheHighMarkDownToTheLowOne() {
    MapTier host = new MapTier(Tier.HOST, 10);
    MapTier ssd = new MapTier(Tier.SSD, 100);
    Mover mover = mover(host, ssd);
    Watermarks marks = new Watermarks(0.5, 0.75);
    chunk(1);
    chunk(2);
    assertThat(mover.work(marks)).as("half full").isZero();
    chunk(3);
    assertThat(mover.work(marks)).isEqualTo(2);
    assertThat(pool.freeSlots()).isEqualTo(4);
    assertThat(mover.work(marks)).as("again").isZero();
    for (int i = 4; i < 7; i++) {
      chunk(i);
      assertThat(mover.work(marks)).isPositive();
    }
    assertThat(host.usage().blocks()).as("whole chunks, to half or below").isEqualTo(4);
    assertThat(ssd.usage().blocks()).isPositive();
  }

  @Test
  void marksThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new Watermarks(0.9, 0.8)).hasMessageContaining("0.9");
    assertThatThrownBy(() -> new Watermarks(Double.NaN, 1)).hasMessageContaining("NaN");
    assertThat(new Watermarks(0.5, 0.75).excess(74, 100)).isZero();
    assertThat(new Watermarks(0.5, 0.75).excess(75, 100)).isEqualTo(25);
  }

  @Test
  void persistsWhatIsHotOrInHostOnce() {
    MapTier host = new MapTier(Tier.HOST, 10);
    MapTier ssd = new MapTier(Tier.SSD, 10);
    Mover mover = mover(host, ssd);
    Chunk cold = chunk(1);
    assertThat(free(mover, 8)).isEqualTo(8);
    Chunk hot = chunk(2);
    assertThat(mover.persist(List.of(cold, hot))).isZero();
    assertThat(mover.persist(List.of(cold, hot))).isZero();
    assertThat(counters.writes(Tier.SSD)).isEqualTo(4);
    assertThat(ssd.holds(cold.key().block(1, Encoding.RAW))).isTrue();
    assertThat(hot.in(Tier.HOT, 0) && cold.in(Tier.HOST, 0)).as("upper copies stay").isTrue();
  }

  @Test
  void readsTheNextTierWhenACopyIsDamaged() {
    MapTier host = new MapTier(Tier.HOST, 10);
    MapTier ssd = new MapTier(Tier.SSD, 10);
    Mover mover = mover(host, ssd);
    Chunk chunk = chunk(1);
    assertThat(mover.persist(List.of(chunk))).isZero();
    assertThat(free(mover, 8)).isEqualTo(8);
    BlockKey key = chunk.key().block(0, Encoding.RAW);
    host.damage(key);
    assertReadable(chunk, 1, host, ssd);
    assertThat(counters.damaged(Tier.HOST)).isEqualTo(1);
    assertThat(host.holds(key)).isFalse();
    assertThat(chunk.in(Tier.HOST, 0)).isFalse();
    ssd.damage(key);
    BlockFetcher fetcher = new BlockFetcher(tiers(host, ssd), counters);
    try (Arena arena = Arena.ofConfined()) {
      assertThat(fetcher.read(chunk, 0, arena.allocate(4096))).isEmpty();
    }
    assertThat(counters.lost()).isEqualTo(1);
    assertThat(chunk.anywhere(0)).isFalse();
  }

  /** Has up to {@code slots} slots free; returns how many are. */
  private int free(Mover mover, int slots) {
    long[] taken = new long[slots];
    int have = mover.takeHotSlots(taken);
    for (int i = 0; i < have; i++) {
      pool.discard(taken[i]);
    }
    return pool.freeSlots();
  }

  private Mover mover(BlockTier... lower) {
    orders = new ChunkOrders(List.of(lower), catalog, GEOMETRY, PolicyKind.LRU, () -> 0);
    return new Mover(tiers(lower), orders, counters);
  }

  private Tiers tiers(BlockTier... lower) {
    return new Tiers(pool, List.of(lower), catalog, GEOMETRY);
  }

  /** A hot chunk whose blocks begin with {@code mark} and the layer; not claimed. */
  private Chunk chunk(int mark) {
    ChainKey root = ChainKey.root(Tenant.NONE, MODEL);
    ChunkKey key = new ChunkKey(Tenant.NONE, MODEL, root.next(new int[] {mark}, 0, 1));
    Chunk chunk = catalog.claimOrAdd(new Chunk(key, new ChunkSpan(root, 0, 32, LAYERS)));
    for (int layer = 0; layer < LAYERS; layer++) {
      long handle = pool.allocate();
      pool.filling(handle).set(ValueLayout.JAVA_INT, 0, mark * 10 + layer);
      pool.publish(handle);
      assertThat(chunk.placeHot(layer, handle)).isTrue();
    }
    Objects.requireNonNull(orders).touched(chunk);
    chunk.unclaim();
    return chunk;
  }

  private void assertReadable(Chunk chunk, int mark, BlockTier... lower) {
    BlockFetcher fetcher = new BlockFetcher(tiers(lower), counters);
    try (Arena arena = Arena.ofConfined()) {
      for (int layer = 0; layer < LAYERS; layer++) {
        MemorySegment target = arena.allocate(4096);
        if (chunk.in(Tier.HOT, layer)) {
          target.copyFrom(pool.resident(chunk.hotHandle(layer)));
        } else {
          assertThat(fetcher.read(chunk, layer, target))
              .as("%s layer %d", chunk, layer)
              .isPresent();
        }
        assertThat(target.get(ValueLayout.JAVA_INT, 0)).isEqualTo(mark * 10 + layer);
      }
    }
  }
}
