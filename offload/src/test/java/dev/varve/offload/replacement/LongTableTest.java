package dev.varve.offload.replacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongTableTest {

  @Test
  void answersLikeAMap() {
    for (long seed = 1; seed <= 5; seed++) {
      Random random = new Random(seed);
      LongTable table = new LongTable();
      Map<Long, Integer> model = new HashMap<>();
      for (int i = 0; i < 50_000; i++) {
        long name = random.nextInt(3000) * 0x100000000L;
        if (random.nextInt(3) == 0) {
          table.remove(name);
          model.remove(name);
        } else {
          table.put(name, i);
          model.put(name, i);
        }
        long probe = random.nextInt(3000) * 0x100000000L;
        assertThat(table.get(probe))
            .as("seed %d, step %d", seed, i)
            .isEqualTo(model.getOrDefault(probe, LongTable.ABSENT));
      }
      assertThat(table.size()).as("seed %d", seed).isEqualTo(model.size());
    }
  }
}
