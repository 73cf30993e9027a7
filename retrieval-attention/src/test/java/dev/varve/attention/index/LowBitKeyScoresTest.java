package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowBitKeyScoresTest {

  @ParameterizedTest
  @CsvSource({"8,SCALAR", "8,VECTOR", "4,SCALAR", "4,VECTOR"})
  void scoresWithinHalfAStepOfEveryChannel(int bits, Backend backend) {
    long seed = System.nanoTime();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 32, 300);
    LowBitKeyScores copy = new LowBitKeyScores(2, 32, bits, backend);
    copy.append(keys.span(0, 70));
    assertThat(copy.tokens()).isEqualTo(64);
    copy.append(keys.span(70, 300));
    assertThat(copy.tokens()).isEqualTo(256);
    float[] query = keys.query();
    float[] out = new float[2 * 200];
    FloatRows rows = new FloatRows().at(query, 2 * 32, 32, 2);
    copy.score(1, rows, 30, 230, new FloatRows().at(out, 0, 200, 2));
    for (int q = 0; q < 2; q++) {
      for (int t = 30; t < 230; t++) {
        double exact = SyntheticKeys.dot(query, (2 + q) * 32, keys.key(1, t));
        double limit = 1e-3;
        for (int c = 0; c < 32; c++) {
          limit += 0.5 * step(keys, t / 64, c, bits) * Math.abs(query[(2 + q) * 32 + c]);
        }
        assertThat((double) out[q * 200 + t - 30])
            .as("seed %d token %d", seed, t)
            .isCloseTo(exact, within(limit));
      }
    }
    assertThat(copy.bytes()).isEqualTo(4L * 2 * (64 * 32 * bits / 8 + 2 * 32 * 4));
  }

  private static double step(SyntheticKeys keys, int group, int channel, int bits) {
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    for (int t = group * 64; t < (group + 1) * 64; t++) {
      low = Math.min(low, keys.key(1, t)[channel]);
      high = Math.max(high, keys.key(1, t)[channel]);
    }
    return (high - low) / ((1 << bits) - 1);
  }

  @Test
  void isExactWhereTheLevelsAreTheValues() {
    SyntheticKeys keys = new SyntheticKeys(1, 1, 1, 2, 64);
    for (int t = 0; t < 64; t++) {
      keys.set(0, t, t % 16, 3);
    }
    LowBitKeyScores copy = new LowBitKeyScores(1, 2, 4, Backend.VECTOR);
    copy.append(keys.span());
    float[] out = new float[64];
    FloatRows query = new FloatRows().at(new float[] {2, 10}, 0, 2, 1);
    copy.score(0, query, 0, 64, new FloatRows().at(out, 0, 64, 1));
    for (int t = 0; t < 64; t++) {
      assertThat(out[t]).isEqualTo(2f * (t % 16) + 30);
    }
  }

  @Test
  void refusesKeysThatAreNoNumbers() {
    SyntheticKeys keys = new SyntheticKeys(1, 1, 1, 2, 64);
    keys.set(0, 5, Float.NaN, 1);
    LowBitKeyScores copy = new LowBitKeyScores(1, 2, 8, Backend.SCALAR);
    assertThatThrownBy(() -> copy.append(keys.span())).hasMessageContaining("finite number: NaN");
    assertThatThrownBy(() -> new LowBitKeyScores(1, 3, 8, Backend.SCALAR))
        .hasMessageContaining("even: 3");
  }

  @Test
  void scoresTheSameAfterARestore() {
    SyntheticKeys keys = new SyntheticKeys(1, 4, 2, 16, 200);
    LowBitKeyScores copy = new LowBitKeyScores(2, 16, 4, Backend.VECTOR);
    copy.append(keys.span(0, 150));
    IndexOutput out = new IndexOutput();
    copy.write(out);
    LowBitKeyScores restored = new LowBitKeyScores(2, 16, 4, Backend.VECTOR);
    IndexInput in = new IndexInput(out.toBytes());
    restored.restore(in);
    in.finish();
    restored.append(keys.span(150, 200));
    copy.append(keys.span(150, 200));
    StepQueries queries = keys.queries(keys.query());
    BitSet[] one = {new BitSet(), new BitSet()};
    BitSet[] other = {new BitSet(), new BitSet()};
    new GroupVoteIndex(keys.shape, copy, Backend.VECTOR).lookup(queries, 0, 192, 20, one);
    new GroupVoteIndex(keys.shape, restored, Backend.VECTOR).lookup(queries, 0, 192, 20, other);
    assertThat(other).isEqualTo(one);
    assertThat(one[0].cardinality()).isEqualTo(20);
  }
}
