package dev.varve.compression.bitstream;

/** One element after the other. */
final class ScalarSearchKernel implements SearchKernel {
  @Override
  public void codes(float[] rows, int count, float scale, byte[] codes) {
    for (int i = 0; i < count; i++) {
      codes[i] = (byte) Math.min(Math.max(rows[i] * scale, -LARGEST), LARGEST);
    }
  }

  @Override
  public void widen(byte[] codes, int from, int count, float[] target, int to) {
    for (int i = 0; i < count; i++) {
      target[to + i] = codes[from + i];
    }
  }

  @Override
  public void products(
      float[] codes, int stride, int channels, int row, int first, int end, float[] products) {
    for (int r = 0; r < ROWS; r++) {
      for (int other = first; other < end; other++) {
        float sum = 0;
        for (int c = 0; c < channels; c++) {
          sum = Math.fma(codes[c * stride + row + r], codes[c * stride + other], sum);
        }
        products[r * stride + other] = sum;
      }
    }
  }

  @Override
  public int best(float[] products, int at, float[] squares, int first, int end, float bound) {
    float least = bound;
    int best = -1;
    for (int other = end - 1; other >= first; other--) {
      for (int quarters = 4; quarters > 1; quarters--) {
        float error = SearchKernel.error(quarters, squares[other], products[at + other]);
        if (error < least) {
          least = error;
          best = other;
        }
      }
    }
    return best;
  }
}
