package dev.varve.sidecar.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlabTest {

  private static final int PAGES = 64;

  private record Taken(long offset, long bytes) {}

  @Test
  void rangesNeverOverlapAndAllOfThemComeBack() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Slab slab = new Slab(PAGES * Slab.PAGE);
    BitSet used = new BitSet(PAGES);
    List<Taken> taken = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextBoolean()) {
        long bytes = random.nextLong(10 * Slab.PAGE);
        int pages = (int) (Slab.rounded(bytes) / Slab.PAGE);
        OptionalLong offset = slab.take(bytes);
        assertThat(offset.isPresent()).as("seed %d", seed).isEqualTo(longestFree(used) >= pages);
        if (offset.isPresent()) {
          int page = (int) (offset.getAsLong() / Slab.PAGE);
          assertThat(used.get(page, page + pages).isEmpty()).as("seed %d", seed).isTrue();
          used.set(page, page + pages);
          taken.add(new Taken(offset.getAsLong(), bytes));
        }
      } else if (!taken.isEmpty()) {
        Taken given = taken.remove(random.nextInt(taken.size()));
        slab.give(given.offset, given.bytes);
        int page = (int) (given.offset / Slab.PAGE);
        used.clear(page, page + (int) (Slab.rounded(given.bytes) / Slab.PAGE));
      }
      assertThat(slab.free()).isEqualTo((PAGES - used.cardinality()) * Slab.PAGE);
    }
    taken.forEach(each -> slab.give(each.offset, each.bytes));
    assertThat(slab.take(PAGES * Slab.PAGE)).as("seed %d", seed).hasValue(0);
  }

  private static int longestFree(BitSet used) {
    int longest = 0;
    for (int page = 0; page < PAGES; ) {
      int next = used.nextSetBit(page);
      int end = next < 0 ? PAGES : next;
      longest = Math.max(longest, end - page);
      page = next < 0 ? PAGES : next + 1;
    }
    return longest;
  }
}
