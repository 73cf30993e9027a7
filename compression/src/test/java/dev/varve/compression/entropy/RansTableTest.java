package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RansTableTest {

  @Test
  void everySlotBelongsToOneOccurrenceOfOneSymbol() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int symbols = 1; symbols <= 256; symbols += symbols < 40 ? 1 : 31) {
      Frequencies table = random(symbols, random);
      RansTable made = new RansTable(table);
      boolean[] seen = new boolean[4096];
      int start = 0;
      for (int symbol = 0; symbol < 256; symbol++) {
        for (int i = 0; i < table.of(symbol); i++) {
          int slot = made.slots()[start + i];
          int entry = made.bySlot()[slot];
          assertThat(seen[slot]).as("seed %d, %d symbols", seed, symbols).isFalse();
          seen[slot] = true;
          assertThat(entry & 0xff).isEqualTo(symbol);
          assertThat(RansTable.bias(entry)).isEqualTo(i);
          assertThat(RansTable.frequency(entry)).isEqualTo(table.of(symbol));
        }
        start += table.of(symbol);
      }
    }
  }

  @Test
  void bucketsTellTheSameAsTheTable() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int symbols = 1; symbols <= 32; symbols++) {
      RansTable made = new RansTable(random(symbols, random));
      AliasBuckets buckets = made.buckets;
      assertThat(buckets).isNotNull();
      for (int slot = 0; slot < 4096; slot++) {
        int bucket = slot >>> AliasBuckets.SLOT_BITS;
        int part = slot < buckets.dividers[bucket] ? bucket : 32 + bucket;
        int entry = made.bySlot()[slot];
        assertThat(buckets.symbols[part]).as("seed %d", seed).isEqualTo((short) (entry & 0xff));
        assertThat(buckets.frequencies[part]).isEqualTo((short) RansTable.frequency(entry));
        assertThat((slot + buckets.shifts[part]) & 0xffff).isEqualTo(RansTable.bias(entry));
      }
    }
    assertThat(new RansTable(random(33, random)).buckets).isNull();
  }

  @Test
  void reciprocalsDivideEveryStateExactly() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int frequency = 1; frequency <= 4096; frequency++) {
      int[] values = new int[256];
      values[0] = frequency;
      values[1] = 4096 - frequency;
      long reciprocal = new RansTable(Frequencies.exactly(values)).reciprocals()[0];
      int limit = (int) Math.min(Integer.MAX_VALUE, (long) frequency << 19);
      for (int trial = 0; trial < 50; trial++) {
        int x = trial == 0 ? limit - 1 : random.nextInt(limit);
        int multiple = x / frequency * frequency;
        assertThat((int) ((x * reciprocal) >>> 43)).as("seed %d", seed).isEqualTo(x / frequency);
        assertThat((int) ((multiple * reciprocal) >>> 43)).isEqualTo(x / frequency);
      }
    }
  }

  private static Frequencies random(int symbols, SplittableRandom random) {
    int[] counts = new int[256];
    int from = random.nextInt(257 - symbols);
    for (int i = from; i < from + symbols; i++) {
      counts[i] = 1 + random.nextInt(1 << random.nextInt(1, 16));
    }
    return Frequencies.of(counts);
  }
}
