package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.Prefetch.State;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefetcherTest {

  private static final MoveSettings ALL =
      new MoveSettings(MoveSettings.DEFAULT.marks(), RetryLimits.DEFAULT, 1, 3);

  @Test
  void makesTheAnnouncedBlocksHotAndKeepsTheirLowerCopies() {
    try (SmallCache cache = new SmallCache(40, ALL, new MapTier(Tier.SSD, 100))) {
      List<Chunk> chunks = cache.farChunks(10);
      List<Place> places = SmallCache.places(chunks);
      Prefetch prefetch = cache.prefetcher.start(SmallCache.claim(chunks), places);
      assertThat(chunks).allMatch(Chunk::claimed);
      assertThat(cache.prefetcher.work()).isPositive();
      assertThat(cache.prefetcher.work()).isPositive();
      assertThat(prefetch.progress()).isEqualTo(new Prefetch.Progress(State.COMPLETE, 20, 20, 0));
      for (int i = 0; i < places.size(); i++) {
        assertThat(cache.hotMark(places.get(i))).isEqualTo(i / 2 * 10 + i % 2);
        assertThat(places.get(i).heldBelow(Tier.HOT)).isTrue();
      }
      assertThat(chunks).noneMatch(Chunk::claimed);
      assertThat(cache.prefetcher.work()).isZero();
      assertThat(cache.pool.freeSlots()).isEqualTo(20);
      assertThat(cache.counters.prefetches()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 19, 20})
  void cancellingLeavesNoClaimAndNoSlotBehind(int after) {
    StoppingTier ssd = new StoppingTier(new MapTier(Tier.SSD, 100));
    try (SmallCache cache = new SmallCache(40, ALL, ssd.tier())) {
      List<Chunk> chunks = cache.farChunks(10);
      Prefetch prefetch =
          cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks));
      // In the middle of reading the block with this number.
      ssd.beforeRead(after, prefetch::cancel);
      int came = 0;
      for (int i = 0; i < 5; i++) {
        came += cache.prefetcher.work();
      }
      boolean whole = after == 20;
      assertThat(prefetch.progress().state()).isEqualTo(whole ? State.COMPLETE : State.CANCELLED);
      assertThat(came).isEqualTo(Math.min(after, 20));
      assertThat(chunks).noneMatch(Chunk::claimed);
      assertThat(cache.pool.freeSlots()).isEqualTo(40 - came);
      prefetch.cancel();
      assertThat(chunks).noneMatch(Chunk::claimed);
      assertSharesWereGivenBack(cache, chunks);
    }
  }

  private static void assertSharesWereGivenBack(SmallCache cache, List<Chunk> chunks) {
    try (Prefetch again =
        cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks))) {
      assertThat(again.progress().beyondLimit()).isZero();
    }
  }

  @Test
  void cancellingBetweenStepsEndsAtOnce() {
    try (SmallCache cache = new SmallCache(80, ALL, new MapTier(Tier.SSD, 100))) {
      List<Chunk> chunks = cache.farChunks(20);
      Prefetch prefetch =
          cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks));
      assertThat(cache.prefetcher.work()).isEqualTo(16);
      prefetch.close();
      assertThat(chunks).noneMatch(Chunk::claimed);
      assertThat(cache.prefetcher.work()).isZero();
      assertThat(cache.pool.freeSlots()).isEqualTo(64);
    }
  }

  @Test
  void takesNoMoreThanItsShareOfTheSlots() {
    MoveSettings half = new MoveSettings(ALL.marks(), RetryLimits.DEFAULT, 0.25, 0);
    try (SmallCache cache = new SmallCache(40, half, new MapTier(Tier.SSD, 100))) {
      List<Chunk> chunks = cache.farChunks(20);
      List<Place> places = SmallCache.places(chunks);
      Prefetch first = cache.prefetcher.start(SmallCache.claim(chunks), places.subList(0, 8));
      Prefetch second = cache.prefetcher.start(SmallCache.claim(chunks), places.subList(8, 20));
      assertThat(first.progress().beyondLimit()).isZero();
      assertThat(second.progress()).isEqualTo(new Prefetch.Progress(State.RUNNING, 2, 0, 10));
      assertThat(cache.prefetcher.work()).isEqualTo(10);
      assertThat(cache.pool.freeSlots()).isEqualTo(30);
    }
  }

  @Test
  void displacesWhatNoSessionHoldsAndNothingElse() {
    try (SmallCache cache = new SmallCache(10, ALL, new MapTier(Tier.SSD, 100))) {
      List<Chunk> far = cache.farChunks(3);
      Chunk unclaimed = cache.claimedChunk(50);
      List<Chunk> held = List.of(cache.claimedChunk(51), cache.claimedChunk(52));
      List<Chunk> more = List.of(cache.claimedChunk(53));
      unclaimed.unclaim();
      Prefetch prefetch = cache.prefetcher.start(SmallCache.claim(far), SmallCache.places(far));
      for (int i = 0; i < 5; i++) {
        cache.prefetcher.work();
      }
      assertThat(prefetch.progress().state()).isEqualTo(State.RUNNING);
      assertThat(prefetch.progress().near()).isEqualTo(2);
      assertThat(unclaimed.in(Tier.HOT, 0)).isFalse();
      assertThat(held).allMatch(chunk -> chunk.in(Tier.HOT, 0) && chunk.in(Tier.HOT, 1));
      more.forEach(Chunk::unclaim);
      for (int i = 0; i < 5; i++) {
        cache.prefetcher.work();
      }
      assertThat(prefetch.progress().near()).isEqualTo(4);
      long[] demand = new long[6];
      assertThat(cache.mover.takeHotSlots(demand)).as("a step goes first").isEqualTo(6);
      for (long slot : demand) {
        cache.pool.discard(slot);
      }
      prefetch.cancel();
      assertThat(far).noneMatch(Chunk::claimed);
      held.forEach(Chunk::unclaim);
    }
  }

  @Test
  void endsWhereABlockIsLost() {
    MapTier ssd = new MapTier(Tier.SSD, 100);
    try (SmallCache cache = new SmallCache(40, ALL, ssd)) {
      List<Chunk> chunks = cache.farChunks(3);
      BlockKey lost = chunks.get(1).key().block(0, Encoding.RAW);
      ssd.damage(lost);
      Prefetch prefetch =
          cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks));
      cache.prefetcher.work();
      assertThat(prefetch.progress()).isEqualTo(new Prefetch.Progress(State.LOST, 6, 2, 0));
      assertThat(chunks).noneMatch(Chunk::claimed);
      assertThat(cache.pool.freeSlots()).isEqualTo(38);
      assertThat(cache.counters.damaged(Tier.SSD)).isEqualTo(1);
    }
  }

  @Test
  void closingCancelsWhatRunsAndWhatComesLater() {
    try (SmallCache cache = new SmallCache(40, ALL, new MapTier(Tier.SSD, 100))) {
      List<Chunk> chunks = cache.farChunks(3);
      List<Place> places = SmallCache.places(chunks);
      Prefetch before = cache.prefetcher.start(SmallCache.claim(chunks), places);
      cache.prefetcher.close();
      Prefetch after = cache.prefetcher.start(SmallCache.claim(chunks), places);
      assertThat(List.of(before, after))
          .allMatch(prefetch -> prefetch.progress().state() == State.CANCELLED);
      assertThat(chunks).noneMatch(Chunk::claimed);
    }
  }

  @Test
  void readsAheadInTheOrderOfNeedWithinItsSlots() {
    try (SmallCache cache = new SmallCache(40, ALL, new MapTier(Tier.SSD, 100))) {
      List<Place> places = SmallCache.places(SmallCache.claim(cache.farChunks(5)));
      ReadAhead ahead = cache.prefetcher.newReadAhead();
      ahead.expect(places);
      assertThat(cache.prefetcher.readAhead()).as("its limit").isEqualTo(3);
      assertThat(cache.pool.freeSlots()).isEqualTo(37);
      for (int i = 0; i < 3; i++) {
        assertTaken(cache, ahead, places.get(i), i);
      }
      assertThat(ahead.take(places.get(3))).as("not read yet").isEqualTo(HotPool.NO_SLOT);
      assertThat(cache.prefetcher.readAhead()).isEqualTo(3);
      assertTaken(cache, ahead, places.get(5), 5);
      assertThat(cache.pool.freeSlots()).as("one was passed over").isEqualTo(39);
      ahead.clear();
      assertThat(cache.pool.freeSlots()).isEqualTo(40);
      assertThat(cache.prefetcher.readAhead()).isZero();
      places.forEach(place -> assertThat(place.chunk().in(Tier.HOT, place.layer())).isFalse());
    }
  }

  private static void assertTaken(SmallCache cache, ReadAhead ahead, Place place, int index) {
    long slot = ahead.take(place);
    assertThat(slot).isNotEqualTo(HotPool.NO_SLOT);
    assertThat(cache.pool.filling(slot).get(ValueLayout.JAVA_INT, 0))
        .isEqualTo(index / 2 * 10 + index % 2);
    cache.pool.discard(slot);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aStepThatEndsWhileABlockIsReadLeavesNoSlotBehind(int at) {
    StoppingTier ssd = new StoppingTier(new MapTier(Tier.SSD, 100));
    try (SmallCache cache = new SmallCache(40, ALL, ssd.tier())) {
      List<Place> places = SmallCache.places(SmallCache.claim(cache.farChunks(5)));
      ReadAhead ahead = cache.prefetcher.newReadAhead();
      ssd.beforeRead(at, ahead::clear);
      ahead.expect(places);
      assertThat(cache.prefetcher.readAhead()).isEqualTo(at + 1);
      assertThat(cache.pool.freeSlots()).isEqualTo(40);
      ahead.expect(places);
      assertThat(cache.prefetcher.readAhead()).as("and goes on with the next").isEqualTo(3);
      ahead.close();
      assertThat(cache.pool.freeSlots()).isEqualTo(40);
    }
  }

  @Test
  void aStepWaitsForTheBlockThatIsBeingReadAndForNoOther() throws InterruptedException {
    StoppingTier ssd = new StoppingTier(new MapTier(Tier.SSD, 100));
    try (SmallCache cache = new SmallCache(40, ALL, ssd.tier())) {
      List<Place> places = SmallCache.places(SmallCache.claim(cache.farChunks(5)));
      ReadAhead ahead = cache.prefetcher.newReadAhead();
      List<Long> taken = new ArrayList<>();
      Thread step = new Thread(() -> taken.add(ahead.take(places.get(1))));
      ssd.beforeRead(
          1,
          () -> {
            step.start();
            while (step.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          });
      ahead.expect(places);
      assertThat(cache.prefetcher.readAhead()).isPositive();
      step.join();
      assertThat(taken).hasSize(1).doesNotContain(HotPool.NO_SLOT);
      cache.pool.discard(taken.getFirst());
      ahead.close();
      assertThat(cache.pool.freeSlots()).isEqualTo(40);
    }
  }

  /** A tier that runs something before a read of the test's choice. */
  private static final class StoppingTier {
    private final MapTier map;
    private int readsToGo = -1;
    private Runnable action = () -> {};

    StoppingTier(MapTier map) {
      this.map = map;
    }

    void beforeRead(int number, Runnable doing) {
      readsToGo = number;
      action = doing;
    }

    BlockTier tier() {
      map.beforeRead(() -> {
        if (readsToGo-- == 0) {
          action.run();
        }
      });
      return map;
    }
  }
}
