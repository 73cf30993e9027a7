package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SoftmaxKernelTest {
  private static final int[] COUNTS = {1, 3, 8, 16, 17, 31, 32, 127, 128, 129, 4096};

  private static List<SoftmaxKernel> kernels() {
    List<SoftmaxKernel> kernels = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      kernels.add(SoftmaxKernel.of(backend));
    }
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.softmax(bits)));
    return kernels;
  }

  @Test
  void agreesWithDoublePrecisionAtAwkwardSizes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (SoftmaxKernel kernel : kernels()) {
      for (int count : COUNTS) {
        for (float cap : new float[] {0f, 5f}) {
          float[] dots = RandomRows.gaussian(random, count + 4);
          for (int i = 0; i < dots.length; i++) {
            dots[i] *= 20;
          }
          float[] before = dots.clone();
          float lse = kernel.softmax(dots, 2, count, 0.5f, cap);
          double[] logits = new double[count];
          for (int i = 0; i < count; i++) {
            double logit = 0.5 * before[2 + i];
            logits[i] = cap == 0 ? logit : cap * Math.tanh(logit / cap);
          }
          double expected = Math.log(Arrays.stream(logits).map(Math::exp).sum());
          String when = "seed " + seed + " count " + count + " cap " + cap;
          assertThat((double) lse).as(when).isCloseTo(expected, within(1e-5));
          for (int i = 0; i < count; i++) {
            assertThat((double) dots[2 + i])
                .as(when + " at " + i)
                .isCloseTo(Math.exp(logits[i] - expected), within(3e-6));
          }
          assertThat(new float[] {dots[0], dots[1], dots[count + 2], dots[count + 3]})
              .as(when)
              .containsExactly(before[0], before[1], before[count + 2], before[count + 3]);
        }
      }
    }
  }

  @Test
  void addsABiasToEachLogitBehindTheCap() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (SoftmaxKernel kernel : kernels()) {
      for (int count : COUNTS) {
        for (float cap : new float[] {0f, 2f}) {
          float[] dots = RandomRows.gaussian(random, count + 1);
          float[] bias = RandomRows.gaussian(random, count + 3);
          double[] logits = new double[count];
          for (int i = 0; i < count; i++) {
            double logit = 0.5 * dots[1 + i];
            logits[i] = (cap == 0 ? logit : cap * Math.tanh(logit / cap)) + bias[3 + i];
          }
          double expected = Math.log(Arrays.stream(logits).map(Math::exp).sum());
          String when = "seed " + seed + " count " + count + " cap " + cap;
          assertThat((double) kernel.softmax(dots, 1, count, 0.5f, cap, bias, 3))
              .as(when)
              .isCloseTo(expected, within(1e-5));
          for (int i = 0; i < count; i++) {
            assertThat((double) dots[1 + i])
                .as(when + " at " + i)
                .isCloseTo(Math.exp(logits[i] - expected), within(3e-6));
          }
        }
      }
    }
  }

  @Test
  void addsTheSharesThatItWouldWrite() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (SoftmaxKernel kernel : kernels()) {
      for (int count : COUNTS) {
        for (float cap : new float[] {0f, 5f}) {
          float[] dots = RandomRows.gaussian(random, count + 4);
          float[] before = dots.clone();
          float[] sums = RandomRows.gaussian(random, count + 2);
          float[] expected = sums.clone();
          float[] shares = dots.clone();
          kernel.softmax(shares, 2, count, 0.5f, cap);
          for (int i = 0; i < count; i++) {
            expected[1 + i] += 3 * shares[2 + i];
          }

          var products = new SoftmaxKernel.Products(dots, 2, count, 0.5f, cap);
          kernel.addShares(products, 3f, sums, 1);

          assertThat(sums).as("seed " + seed).containsExactly(expected, within(2e-6f));
          assertThat(dots).isEqualTo(before);
        }
      }
      float[] untouched = {7};
      kernel.addShares(new SoftmaxKernel.Products(new float[1], 0, 0, 1f, 0f), 1f, untouched, 0);
      assertThat(untouched).containsExactly(7);
    }
  }

  @Test
  void doesNotOverflowOnHugeLogits() {
    for (SoftmaxKernel kernel : kernels()) {
      for (float huge : new float[] {1000f, -1000f, 1e30f, -1e30f}) {
        float[] dots = new float[21];
        Arrays.fill(dots, huge);
        assertThat((double) kernel.softmax(dots, 0, 21, 1f, 0f))
            .isCloseTo(huge + Math.log(21), within(1e-4 + Math.abs(huge) * 1e-7));
        assertThat(dots).containsOnly(1f / 21);
      }
      float[] apart = {-1e30f, 1e30f, 0f};
      assertThat(kernel.softmax(apart, 0, 3, 1f, 0f)).isEqualTo(1e30f);
      assertThat(apart).containsExactly(0f, 1f, 0f);
    }
  }

  @Test
  void givesNegativeInfinityForNoLogits() {
    for (SoftmaxKernel kernel : kernels()) {
      assertThat(kernel.softmax(new float[0], 0, 0, 1f, 0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void spreadsOneNanToAllWeights() {
    for (SoftmaxKernel kernel : kernels()) {
      for (int at : new int[] {0, 5, 18}) {
        float[] dots = new float[19];
        dots[at] = Float.NaN;
        assertThat(kernel.softmax(dots, 0, 19, 1f, 0f)).isNaN();
        assertThat(dots).containsOnly(Float.NaN);
      }
    }
  }

  @Test
  void givesTheSameBitsInterpretedAndCompiled() {
    float[] dots = RandomRows.gaussian(new SplittableRandom(3), 77);
    SoftmaxKernel kernel = SoftmaxKernel.of(Backend.VECTOR);
    float[] first = dots.clone();
    float lse = kernel.softmax(first, 0, 77, 3f, 2f);
    for (int i = 0; i < 20_000; i++) {
      float[] later = dots.clone();
      assertThat(Float.floatToIntBits(kernel.softmax(later, 0, 77, 3f, 2f)))
          .isEqualTo(Float.floatToIntBits(lse));
      assertThat(Arrays.equals(later, first)).isTrue();
    }
  }
}
