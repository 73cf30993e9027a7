package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ConservationTest {

  @ParameterizedTest
  @EnumSource
  void evictsOnlyWhatIsPresentUntilNothingIs(PolicyKind kind) {
    for (long seed = 1; seed <= 20; seed++) {
      int capacity = 1 + new Random(seed).nextInt(60);
      Requests requests = new Requests(kind, capacity);
      RandomPrompts prompts = new RandomPrompts(seed);
      for (int i = 0; i < 300; i++) {
        requests.request(prompts.next());
        assertThat(requests.present()).as("seed %d", seed).hasSizeLessThanOrEqualTo(capacity);
      }
      requests.drain();
      assertThat(requests.present()).as("seed %d", seed).isEmpty();
      assertThatExceptionOfType(NoSuchElementException.class)
          .as("seed %d", seed)
          .isThrownBy(() -> requests.policy().evict());
    }
  }

  @ParameterizedTest
  @EnumSource
  void neverEvictsWhatWasRemoved(PolicyKind kind) {
    for (long seed = 1; seed <= 20; seed++) {
      Requests requests = new Requests(kind, 30);
      RandomPrompts prompts = new RandomPrompts(seed);
      Random random = new Random(seed);
      for (int i = 0; i < 300; i++) {
        requests.request(prompts.next());
        List<Long> present = new ArrayList<>(requests.present());
        requests.remove(present.get(random.nextInt(present.size())));
        requests.remove(-1 - random.nextInt(5));
      }
      requests.drain();
      assertThat(requests.present()).as("seed %d", seed).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "W_TINY_LFU") // Caffeine draws lots
  void givesEqualAnswersToEqualCalls(PolicyKind kind) {
    assertThat(evictions(kind)).isNotEmpty().isEqualTo(evictions(kind));
  }

  private static List<Long> evictions(PolicyKind kind) {
    Requests requests = new Requests(kind, 200);
    RandomPrompts prompts = new RandomPrompts(7);
    for (int i = 0; i < 2000; i++) {
      requests.request(prompts.next());
    }
    return requests.evicted();
  }
}
