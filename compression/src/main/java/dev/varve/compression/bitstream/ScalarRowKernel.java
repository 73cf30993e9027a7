package dev.varve.compression.bitstream;

/** One element after the other. */
final class ScalarRowKernel implements RowKernel {

  @Override
  public void add(
      byte[] symbols,
      int at,
      int limit,
      float step,
      float[] rows,
      int from,
      float weight,
      int to,
      int count) {
    for (int i = 0; i < count; i++) {
      rows[to + i] = rows[from + i] * weight + (symbols[at + i] - limit) * step;
    }
  }

  @Override
  public void join(
      byte[] symbols, byte[] low, int at, int limit, float scale, int half, float[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (symbols[at + i] - limit) * scale + (low[at + i] - half);
    }
  }

  @Override
  public void turn(
      float[] rows,
      int from,
      float[] means,
      int mean,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to) {
    for (int i = 0; i < pairs; i++) {
      float x = rows[from + i] + means[mean + i];
      float y = rows[from + pairs + i] + means[mean + pairs + i];
      float c = cosines[angle + i];
      float s = sines[angle + i];
      target[to + i] = x * c - y * s;
      target[to + pairs + i] = x * s + y * c;
    }
  }
}
