package dev.varve.compression.bitstream;

/** One element after the other. */
final class ScalarRowKernel implements RowKernel {

  @Override
  public void scale(byte[] symbols, int count, int limit, float step, float[] numbers) {
    for (int i = 0; i < count; i++) {
      numbers[i] = (symbols[i] - limit) * step;
    }
  }

  @Override
  public void join(
      byte[] symbols,
      byte[] low,
      int count,
      int limit,
      float scale,
      int half,
      float step,
      float[] numbers) {
    for (int i = 0; i < count; i++) {
      numbers[i] = ((symbols[i] - limit) * scale + (low[i] - half)) * step;
    }
  }

  @Override
  public int ends(byte[] symbols, int count, int top, int[] places) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (symbols[i] == 0 || symbols[i] == top) {
        if (found < places.length) {
          places[found] = i;
        }
        found++;
      }
    }
    return found;
  }

  @Override
  public void add(
      float[] numbers,
      int at,
      float[] rows,
      int[] from,
      float[] weights,
      int row,
      int count,
      int channels) {
    for (int i = 0; i < count; i++) {
      int to = (row + i + 1) * channels;
      for (int c = 0; c < channels; c++) {
        rows[to + c] = rows[from[row + i] + c] * weights[row + i] + numbers[at + i * channels + c];
      }
    }
  }

  @Override
  public void shift(
      float[] rows, int from, float[] means, int mean, float[] target, int to, int count) {
    for (int i = 0; i < count; i++) {
      target[to + i] = rows[from + i] + means[mean + i];
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
