package dev.varve.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Digest256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChainRowsTest {

  @Test
  void answersLikeAMap() {
    for (long seed = 1; seed <= 6; seed++) {
      Random random = new Random(seed);
      ChainRows rows = new ChainRows(seed, 0);
      Map<Digest256, Long> model = new HashMap<>();
      int keys = seed % 2 == 0 ? 3000 : 200;
      for (int i = 1; i <= 40_000; i++) {
        Digest256 digest = digest(random.nextInt(keys));
        int row = rows.find(digest);
        assertThat(row >= 0).as("seed %d, step %d", seed, i).isEqualTo(model.containsKey(digest));
        if (row < 0) {
          rows.insert(digest, -i, i);
          model.put(digest, (long) i);
        } else if (random.nextInt(i % 10_000 < 5000 ? 8 : 2) == 0) {
          rows.remove(row);
          model.remove(digest);
        } else {
          assertThat(rows.extra(row)).isEqualTo(-model.getOrDefault(digest, 0L));
          rows.setState(row, rows.state(row));
        }
      }
      assertThat(held(rows)).as("seed %d", seed).isEqualTo(model);
      assertThat(rows.size()).isEqualTo(model.size());
    }
  }

  private static Map<Digest256, Long> held(ChainRows rows) {
    Map<Digest256, Long> held = new HashMap<>();
    for (int row = 0; row < rows.end(); row++) {
      if (rows.used(row)) {
        held.put(rows.digest(row), rows.state(row));
      }
    }
    return held;
  }

  @Test
  void findsAllThatBeginAlike() {
    ChainRows rows = new ChainRows(0, 0);
    List<Integer> seconds = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      rows.insert(new Digest256(7, i, 0, 0), 0, 1);
      rows.insert(new Digest256(i + 100, 0, 0, 0), 0, 1);
    }
    for (int row = rows.named(7, ChainRows.ABSENT);
        row != ChainRows.ABSENT;
        row = rows.named(7, row)) {
      seconds.add((int) rows.digest(row).second());
    }
    assertThat(seconds).hasSize(50).doesNotHaveDuplicates();
    assertThat(rows.named(8, ChainRows.ABSENT)).isEqualTo(ChainRows.ABSENT);
  }

  @Test
  void wastesLittleAndGivesMemoryBack() {
    ChainRows rows = new ChainRows(3, 0);
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      rows.insert(digest(i), 0, 1);
    }
    assertThat(rows.bytes()).isLessThan(55L * count);
    for (int i = 0; i < count; i++) {
      rows.remove(rows.find(digest(i)));
    }
    assertThat(rows.size()).isZero();
    assertThat(rows.bytes()).isZero();
  }

  private static Digest256 digest(int i) {
    return new Digest256(i / 3 * 0x1234567L, i % 3, i, -i);
  }
}
