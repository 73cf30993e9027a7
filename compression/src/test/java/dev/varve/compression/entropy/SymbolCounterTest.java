package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolCounterTest {

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 7, SymbolCounter.MANY - 1, SymbolCounter.MANY, SymbolCounter.MANY + 7, 1 << 19})
  void countsWhatCountingOneByOneDoes(int count) {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    SymbolCounter counter = new SymbolCounter();
    for (int levels : new int[] {1, 2, 31, 256}) {
      byte[] symbols = new byte[count + 3];
      for (int i = 0; i < symbols.length; i++) {
        symbols[i] = (byte) (256 - 1 - random.nextInt(levels));
      }
      int[] expected = new int[256];
      for (int i = 0; i < count; i++) {
        expected[symbols[i] & 0xff]++;
      }

      assertThat(counter.count(symbols, count))
          .as("%d symbols of %d levels, seed %d", count, levels, seed)
          .isEqualTo(expected)
          .isEqualTo(SymbolCounts.of(symbols, 0, count));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5_000, 16_384, 100_003, 1 << 20})
  void estimatesBitsFromASample(int count) {
    long seed = new SplittableRandom().nextLong();
    for (int levels : new int[] {1, 4, 64, 256}) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] symbols = new byte[count];
      for (int i = 0; i < count; i++) {
        symbols[i] = (byte) random.nextInt(levels);
      }
      double bits = SymbolCounts.entropyBits(SymbolCounts.of(symbols, 0, count)) / count;

      assertThat(SymbolCounts.sampledBits(symbols, count))
          .as("%d symbols of %d levels, seed %d", count, levels, seed)
          .isCloseTo(bits, within(0.05));
    }
  }

  @Test
  void samplesAllPartsAlike() {
    byte[] symbols = new byte[1 << 17];
    new Random(3).nextBytes(symbols);
    Arrays.fill(symbols, symbols.length / 8 * 7, symbols.length, (byte) 1);

    assertThat(SymbolCounts.sampledBits(symbols, symbols.length)).isLessThan(7.6);
    assertThat(SymbolCounts.sampledBits(symbols, 0)).isZero();
    assertThat(SymbolCounts.sampledBits(symbols, 7)).isZero();
  }
}
