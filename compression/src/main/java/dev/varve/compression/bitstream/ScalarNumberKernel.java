package dev.varve.compression.bitstream;

/** One element after the other. */
final class ScalarNumberKernel implements NumberKernel {
  @Override
  public int quantize(
      float[] rows,
      int at,
      int channels,
      float[] decoded,
      int from,
      float weight,
      float step,
      float rounding,
      int[] numbers) {
    float inverse = 1 / step;
    int any = 0;
    for (int i = 0; i < channels; i++) {
      float prediction = decoded[from + i] * weight;
      float steps = (rows[at + i] - prediction) * inverse;
      int number = (int) (Math.abs(steps) + rounding);
      number = steps < 0 ? -number : number;
      numbers[at + i] = number;
      decoded[at + channels + i] = prediction + number * step;
      any |= number;
    }
    return any;
  }

  @Override
  public void range(int[] numbers, int count, int[] range) {
    range[0] = 0;
    range[1] = 0;
    for (int i = 0; i < count; i++) {
      range[0] = Math.min(range[0], numbers[i]);
      range[1] = Math.max(range[1], numbers[i]);
    }
  }

  @Override
  public int beyond(int[] numbers, int count, int half, int lowBits, int most) {
    int beyond = 0;
    for (int i = 0; i < count; i++) {
      beyond += Math.abs((numbers[i] + half) >> lowBits) >= most ? 1 : 0;
    }
    return beyond;
  }

  @Override
  public void split(
      int[] numbers, int count, int half, int lowBits, int limit, byte[] symbols, byte[] low) {
    int mask = (1 << lowBits) - 1;
    for (int i = 0; i < count; i++) {
      int number = numbers[i] + half;
      symbols[i] = (byte) (Math.min(Math.max(number >> lowBits, -limit), limit) + limit);
      if (lowBits > 0) {
        low[i] = (byte) (number & mask);
      }
    }
  }
}
