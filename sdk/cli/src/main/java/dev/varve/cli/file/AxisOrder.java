package dev.varve.cli.file;

import java.util.List;

/**
 * Which axis of a tensor is which, slowest first, a letter each: {@code b} batch (must be 1),
 * {@code l} layer, {@code k} keys and values (2, keys first), {@code h} KV head, {@code t} token,
 * {@code d} element of a row, {@code c} heads and elements in one axis.
 */
public record AxisOrder(String letters) {

  private static final String KNOWN = "blkhtdc";
  private static final int LETTERS = 128;

  public AxisOrder {
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      if (KNOWN.indexOf(letter) < 0 || letters.indexOf(letter) != i) {
        throw new IllegalArgumentException(
            "'%s' is no order of axes: write each of b, l, k, h, t, d, c at most once, as in bhtd"
                .formatted(letters));
      }
    }
    boolean rows = has(letters, 'h') && has(letters, 'd') && !has(letters, 'c');
    boolean channels = has(letters, 'c') && !has(letters, 'h') && !has(letters, 'd');
    if (!has(letters, 't') || (!rows && !channels)) {
      throw new IllegalArgumentException(
          "an order of axes needs t and either h and d, or c: '" + letters + "'");
    }
  }

  private static boolean has(String letters, char letter) {
    return letters.indexOf(letter) >= 0;
  }

  /** Whether there is an axis {@code letter}. */
  boolean has(char letter) {
    return has(letters, letter);
  }

  /**
   * The axes of a tensor in this order.
   *
   * @param dimensions as many as there are letters
   * @param heads KV heads; needed where they share an axis with the elements
   * @throws IllegalArgumentException if the dimensions do not fit
   */
  Measured measure(List<Long> dimensions, int elementBytes, int heads) {
    if (dimensions.size() != letters.length()) {
      throw new IllegalArgumentException(
          "%d dimensions %s, the axes '%s' need %d"
              .formatted(dimensions.size(), dimensions, letters, letters.length()));
    }
    long[] count = new long[LETTERS];
    long[] stride = new long[LETTERS];
    long next = elementBytes;
    for (int i = letters.length() - 1; i >= 0; i--) {
      count[letters.charAt(i)] = dimensions.get(i);
      stride[letters.charAt(i)] = next;
      next = times(next, Math.max(1, dimensions.get(i)));
    }
    if (has('b') && count['b'] != 1) {
      throw new IllegalArgumentException(
          ("a batch of %d sequences: one file holds one; split it along the first axis, as in"
                  + " tensor[i:i+1], and write a file for each")
              .formatted(count['b']));
    }
    if (has('k') && count['k'] != 2) {
      throw new IllegalArgumentException(
          "the axis of keys and values has %d entries, it must have 2".formatted(count['k']));
    }
    if (has('c')) {
      if (heads < 1 || count['c'] % heads != 0) {
        throw new IllegalArgumentException(
            "%d elements of a token do not split into %d heads: give --shape heads=N"
                .formatted(count['c'], heads));
      }
      count['h'] = heads;
      count['d'] = count['c'] / heads;
      stride['d'] = stride['c'];
      stride['h'] = count['d'] * stride['d'];
    }
    return new Measured(
        has('l') ? bounded(count['l'], 1, 0xffff, "layers") : 1,
        bounded(count['h'], 1, 4096, "heads"),
        bounded(count['t'], 0, Integer.MAX_VALUE, "tokens"),
        bounded(count['d'], 1, 4096, "elements of a row"),
        stride['l'],
        stride['k'],
        stride['h'],
        stride['t'],
        stride['d']);
  }

  /** The product of two lengths in bytes. */
  static long times(long bytes, long count) {
    try {
      return Math.multiplyExact(bytes, count);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("takes more than 2^63 bytes: the file is damaged", e);
    }
  }

  private static int bounded(long value, int least, int most, String what) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%d %s, possible are %d to %d".formatted(value, what, least, most));
    }
    return (int) value;
  }

  /** Sizes and strides, in bytes, of the axes of one tensor. */
  record Measured(
      int layers,
      int heads,
      int tokens,
      int dim,
      long layerStride,
      long kindStride,
      long headStride,
      long tokenStride,
      long elementStride) {}
}
