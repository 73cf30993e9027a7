package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
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
}
