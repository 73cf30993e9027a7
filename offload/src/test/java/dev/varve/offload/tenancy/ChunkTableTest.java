package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChunkTableTest {

  @Test
  void holdsWhatAPlainMapHolds() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    ChunkTable table = new ChunkTable(2);
    Map<ChunkKey, Long> model = new HashMap<>();
    List<ChunkKey> keys = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      keys.add(Keys.any(random));
    }
    for (int step = 0; step < 20_000; step++) {
      ChunkKey key = keys.get(random.nextInt(keys.size()));
      if (random.nextInt(5) < 3) {
        long value = random.nextLong();
        int row = table.enter(key);
        assertThat(table.get(row, 1)).isEqualTo(model.getOrDefault(key, 0L));
        table.set(row, 1, value);
        model.put(key, value);
      } else if (table.find(key) != ChunkTable.ABSENT) {
        table.remove(table.find(key));
        assertThat(model.remove(key)).as("step %d, seed %d", step, seed).isNotNull();
      } else {
        assertThat(model).as("step %d, seed %d", step, seed).doesNotContainKey(key);
      }
    }
    assertThat(contents(table)).as("seed %d", seed).isEqualTo(model);
    assertThat(contents(table.copy())).as("seed %d", seed).isEqualTo(model);
    assertThat(table.size()).isEqualTo(model.size());
  }

  private static Map<ChunkKey, Long> contents(ChunkTable table) {
    Map<ChunkKey, Long> contents = new HashMap<>();
    for (int row = table.next(0); row != ChunkTable.ABSENT; row = table.next(row + 1)) {
      contents.put(table.key(row), table.get(row, 1));
    }
    return contents;
  }
}
