package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotTableTest {

  @Test
  void answersLikeAMap() {
    for (long seed = 1; seed <= 4; seed++) {
      Random random = new Random(seed);
      int range = seed % 2 == 0 ? 50_000 : 3000;
      long[] names = new long[range];
      for (int i = 0; i < range; i++) {
        names[i] = random.nextLong() << (seed == 3 ? 40 : 0);
      }
      SlotTable table = new SlotTable(slot -> names[slot]);
      Map<Long, Integer> model = new HashMap<>();
      for (int i = 0; i < 200_000; i++) {
        int slot = random.nextInt(range);
        if (model.remove(names[slot]) != null) {
          table.remove(names[slot]);
        } else {
          table.put(names[slot], slot);
          model.put(names[slot], slot);
        }
        long probe = names[random.nextInt(range)];
        assertThat(table.get(probe))
            .as("seed %d, step %d", seed, i)
            .isEqualTo(model.getOrDefault(probe, SlotTable.ABSENT));
      }
      table.remove(random.nextLong());
    }
  }
}
