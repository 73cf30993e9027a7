package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The policies whose definition is an order of uses, against a list that is searched each time. */
class NaiveModelTest {

  private static final class Entry {
    final long chunk;
    long entered;
    long touched;
    long hits;

    Entry(long chunk, long time) {
      this.chunk = chunk;
      this.entered = time;
      this.touched = time;
    }
  }

  @Test
  void evictsTheOldestTouchUnderLru() {
    agrees(PolicyKind.LRU, Comparator.comparingLong(entry -> entry.touched));
  }

  @Test
  void evictsTheOldestEntryUnderFifo() {
    agrees(PolicyKind.FIFO, Comparator.comparingLong(entry -> entry.entered));
  }

  @Test
  void evictsTheFewestHitsUnderLfu() {
    agrees(
        PolicyKind.LFU,
        Comparator.<Entry>comparingLong(entry -> entry.hits)
            .thenComparingLong(entry -> entry.touched));
  }

  private static void agrees(PolicyKind kind, Comparator<Entry> order) {
    for (long seed = 1; seed <= 10; seed++) {
      Requests requests = new Requests(kind, 40);
      RandomPrompts prompts = new RandomPrompts(seed);
      List<Entry> model = new ArrayList<>();
      List<Long> expected = new ArrayList<>();
      long time = 0;
      for (int i = 0; i < 200; i++) {
        long[] prompt = prompts.next();
        requests.request(prompt);
        for (long chunk : prompt) {
          ask(model, chunk, time++);
          if (model.size() > 40) {
            Entry least = model.stream().min(order).orElseThrow();
            model.remove(least);
            expected.add(least.chunk);
          }
        }
      }
      assertThat(requests.evicted()).as("seed %d", seed).isNotEmpty().isEqualTo(expected);
    }
  }

  private static void ask(List<Entry> model, long chunk, long time) {
    for (Entry entry : model) {
      if (entry.chunk == chunk) {
        entry.touched = time;
        entry.hits++;
        return;
      }
    }
    model.add(new Entry(chunk, time));
  }

  @Test
  void walksItsHandAsSieveDescribes() {
    for (long seed = 1; seed <= 10; seed++) {
      Requests requests = new Requests(PolicyKind.SIEVE, 10);
      Random random = new Random(seed);
      SieveModel model = new SieveModel();
      for (int i = 0; i < 500; i++) {
        long chunk = random.nextInt(15);
        requests.ask(chunk);
        model.ask(chunk, 10);
      }
      assertThat(model.wraps).as("seed %d", seed).isPositive();
      assertThat(requests.evicted()).as("seed %d", seed).isNotEmpty().isEqualTo(model.evicted);
    }
  }

  /** A list from the oldest to the newest, and the index where the hand stands. */
  private static final class SieveModel {
    final List<Long> queue = new ArrayList<>();
    final Set<Long> visited = new HashSet<>();
    final List<Long> evicted = new ArrayList<>();
    int hand;
    int wraps;

    void ask(long chunk, int capacity) {
      if (queue.contains(chunk)) {
        visited.add(chunk);
        return;
      }
      queue.add(chunk);
      if (queue.size() > capacity) {
        while (visited.remove(queue.get(hand))) {
          step(1);
        }
        evicted.add(queue.remove(hand));
        step(0);
      }
    }

    private void step(int places) {
      hand += places;
      if (hand == queue.size()) {
        hand = 0;
        wraps++;
      }
    }
  }
}
