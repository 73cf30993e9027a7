package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UnderwayTest {

  private final MapTier host = new MapTier(Tier.HOST, 40);
  private final SmallCache cache = new SmallCache(8, MoveSettings.DEFAULT, host);
  private final Underway underway = new Underway();
  private final Chunk first = cache.claimedChunk(1);
  private final Chunk second = cache.claimedChunk(2);

  @AfterEach
  void close() {
    first.unclaim();
    second.unclaim();
    cache.close();
  }

  @Test
  void nobodyWaitsForBatchesThatBeganLater() throws Exception {
    List<Place> early = underway.begin(SmallCache.places(List.of(first)));
    Underway.Others others = underway.others();
    List<Place> late = underway.begin(SmallCache.places(List.of(second)));
    CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(others::awaitNext);
    underway.end(early);

    assertThat(ended.get(30, TimeUnit.SECONDS)).as("one batch of that moment ended").isTrue();
    assertThat(others.awaitNext()).as("there was no other one").isFalse();
    underway.end(late);
  }

  @Test
  void whatEndedBeforeIsSeenOnce() {
    List<Place> one = underway.begin(SmallCache.places(List.of(first)));
    List<Place> none = underway.begin(SmallCache.places(List.of(first)));
    Underway.Others others = underway.others();
    underway.end(one);
    underway.end(none);

    assertThat(none).as("another thread carries these").isEmpty();
    assertThat(others.awaitNext()).isTrue();
    assertThat(others.awaitNext()).isFalse();
    assertThat(underway.others().awaitNext()).as("nothing is carried").isFalse();
  }

  @Test
  void chunksAreClaimedWhileTheyAreCarried() {
    first.unclaim();
    List<Place> begun = underway.begin(SmallCache.places(List.of(first)));
    assertThat(first.claimed()).isTrue();
    assertThat(cache.tiers.catalog().forget(first)).isFalse();
    underway.end(begun);

    assertThat(first.claimed()).isFalse();
    assertThat(first.claim()).isTrue();
  }
}
