package dev.varve.compression.bitstream;

import java.util.Arrays;

/** One element after the other. */
final class ScalarMeanKernel implements MeanKernel {
  @Override
  public void back(
      float[] source,
      int from,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to) {
    for (int i = 0; i < pairs; i++) {
      float x = source[from + i];
      float y = source[from + pairs + i];
      float c = cosines[angle + i];
      float s = sines[angle + i];
      target[to + i] = x * c + y * s;
      target[to + pairs + i] = y * c - x * s;
    }
  }

  @Override
  public void sums(float[] rows, int count, int channels, double[] sums) {
    Arrays.fill(sums, 0, channels, 0);
    for (int row = 0; row < count; row++) {
      for (int c = 0; c < channels; c++) {
        sums[c] += rows[row * channels + c];
      }
    }
  }

  @Override
  public void subtract(float[] rows, int count, int channels, float[] means, double[] squares) {
    Arrays.fill(squares, 0, channels, 0);
    for (int row = 0; row < count; row++) {
      for (int c = 0; c < channels; c++) {
        int at = row * channels + c;
        rows[at] -= means[c];
        squares[c] += (double) rows[at] * rows[at];
      }
    }
  }
}
