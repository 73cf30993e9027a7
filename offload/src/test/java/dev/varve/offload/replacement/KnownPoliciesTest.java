package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class KnownPoliciesTest {

  @Test
  void lruForgetsWhatWasTouchedLongestAgo() {
    assertThat(survivors(PolicyKind.LRU, 3, 1, 2, 3, 1, 4)).containsExactlyInAnyOrder(1L, 3L, 4L);
  }

  @Test
  void fifoIgnoresHits() {
    assertThat(survivors(PolicyKind.FIFO, 3, 1, 2, 3, 1, 4)).containsExactlyInAnyOrder(2L, 3L, 4L);
  }

  @Test
  void lfuKeepsWhatWasHitMost() {
    assertThat(survivors(PolicyKind.LFU, 3, 1, 1, 1, 2, 2, 3, 4, 5))
        .containsExactlyInAnyOrder(1L, 2L, 5L);
  }

  @Test
  void clockGivesASecondChanceOnce() {
    assertThat(survivors(PolicyKind.CLOCK, 3, 1, 2, 3, 1, 4)).containsExactlyInAnyOrder(1L, 3L, 4L);
    assertThat(survivors(PolicyKind.CLOCK, 3, 1, 2, 3, 1, 4, 5, 6, 7))
        .containsExactlyInAnyOrder(5L, 6L, 7L);
  }

  @Test
  void sieveLeavesItsHandWhereItStopped() {
    assertThat(survivors(PolicyKind.SIEVE, 3, 1, 2, 3, 1, 4, 5))
        .containsExactlyInAnyOrder(1L, 4L, 5L);
  }

  @Test
  void twoQueuePromotesOnlyWhatComesBackAfterItLeft() {
    Requests requests = new Requests(PolicyKind.TWO_QUEUE, 4);
    for (long chunk : new long[] {1, 1, 1, 2, 3, 4, 5}) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).doesNotContain(1L);
    requests.ask(1);
    for (long chunk = 10; chunk < 14; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).contains(1L);
  }

  @Test
  void arcSparesRepeatedChunksFromAScan() {
    Requests requests = new Requests(PolicyKind.ARC, 4);
    requests.ask(1);
    requests.ask(1);
    requests.ask(2);
    requests.ask(2);
    for (long chunk = 100; chunk < 200; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).contains(1L, 2L);
  }

  @Test
  void lirsLetsAScanPassThroughItsSmallQueue() {
    Requests requests = new Requests(PolicyKind.LIRS, 100);
    for (long chunk = 0; chunk < 99; chunk++) {
      requests.ask(chunk);
    }
    for (long chunk = 1000; chunk < 2000; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).hasSize(100).contains(0L, 50L, 98L, 1999L);
  }

  @Test
  void s3FifoEvictsWhatFailedItsTrialAndTakesItBackIntoTheMainQueue() {
    Requests requests = new Requests(PolicyKind.S3_FIFO, 10);
    for (long chunk = 0; chunk < 11; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.evicted()).containsExactly(0L);
    requests.ask(0);
    for (long chunk = 100; chunk < 109; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).contains(0L);
  }

  @Test
  void caffeineKeepsAFrequentChunkThroughAScan() {
    Requests requests = new Requests(PolicyKind.W_TINY_LFU, 100);
    for (long chunk = 1; chunk < 90; chunk++) { // it counts uses once it is half full
      requests.ask(chunk);
    }
    for (int i = 0; i < 20; i++) {
      requests.ask(1);
    }
    for (long chunk = 1000; chunk < 1500; chunk++) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).contains(1L);
  }

  @Test
  void gdsfPrefersLightChunksAndLetsOldFameFade() {
    ReplacementPolicy policy = PolicyKind.GDSF.create(10);
    policy.admitted(new Visit(1, ReplacementPolicy.NONE, true, 8));
    policy.admitted(new Visit(2, ReplacementPolicy.NONE, true, 2));
    assertThat(policy.evict()).isEqualTo(1);

    Requests requests = new Requests(PolicyKind.GDSF, 2);
    for (long chunk : new long[] {1, 1, 1, 2, 3, 4, 5, 6, 7, 8}) {
      requests.ask(chunk);
    }
    assertThat(requests.present()).doesNotContain(1L);
  }

  @Test
  void namesEveryPolicyWhenAskedForAnUnknownOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicyKind.named("mru"))
        .withMessageContainingAll("\"mru\"", "lru", "s3-fifo", "varve");
    assertThat(PolicyKind.named("2q")).isEqualTo(PolicyKind.TWO_QUEUE);
  }

  private static Iterable<Long> survivors(PolicyKind kind, int capacity, long... chunks) {
    Requests requests = new Requests(kind, capacity);
    for (long chunk : chunks) {
      requests.ask(chunk);
    }
    return requests.present();
  }
}
