package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenClassesTest {
  @Test
  void takesMoreTokensForALargerShareAndAllForAllOfIt() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    double[] scores = random.doubles(200).map(score -> score * score).toArray();
    int last = 0;
    for (double share = 0; share <= 1; share += 0.01) {
      TokenClasses classes = TokenClasses.covering(scores, share);
      int count = classes.count(200);
      assertThat(count).as("seed %d share %s", seed, share).isGreaterThanOrEqualTo(last);
      double held = 0;
      double least = 1;
      double mostLeft = 0;
      for (int token = 0; token < 200; token++) {
        held += classes.important(token) ? scores[token] : 0;
        least = classes.important(token) ? Math.min(least, scores[token]) : least;
        mostLeft = classes.important(token) ? mostLeft : Math.max(mostLeft, scores[token]);
      }
      assertThat(held).isGreaterThanOrEqualTo(share * Arrays.stream(scores).sum() * (1 - 1e-9));
      assertThat(least).isGreaterThanOrEqualTo(mostLeft);
      last = count;
    }
    assertThat(TokenClasses.covering(scores, 1).count(200)).isEqualTo(200);
    assertThat(TokenClasses.covering(scores, 0).count(200)).isZero();
  }

  @Test
  void takesTheShareOfEqualTokens() {
    double[] scores = new double[80];
    Arrays.fill(scores, 0.1);
    for (int tenths = 1; tenths < 10; tenths++) {
      assertThat(TokenClasses.covering(scores, tenths / 10.0).count(80)).isEqualTo(8 * tenths);
    }
    assertThat(TokenClasses.covering(scores, 0.501).count(80)).isEqualTo(41);
  }

  @Test
  void takesOneTokenThatHoldsTheShareAlone() {
    double[] scores = new double[50];
    Arrays.fill(scores, 0.01);
    scores[17] = 10;
    TokenClasses classes = TokenClasses.covering(scores, 0.9);
    assertThat(classes.count(50)).isEqualTo(1);
    assertThat(classes.important(17)).isTrue();
  }

  @Test
  void refusesSharesAndScoresThatAreNone() {
    assertThatThrownBy(() -> TokenClasses.covering(new double[1], 1.5)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> TokenClasses.covering(new double[] {Double.NaN}, 0.5))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> TokenClasses.covering(new double[] {-1}, 0.5))
        .hasMessageContaining("-1");
  }
}
