package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;
import java.util.Arrays;

/**
 * Which earlier row each row is predicted from, and with what weight. The search works on integers,
 * so that every backend finds the same. For one thread at a time.
 */
final class References {
  /** The row is the earlier row itself and has no symbols. */
  static final int COPY = 0;

  private static final float[] WEIGHTS = {1f, 1f, 0.75f, 0.5f};
  private static final int WEIGHT_KINDS = 4;

  /** Search codes of one standard deviation, and the largest. */
  private static final float CODES = 16;

  private static final int LARGEST = 127;

  /** Bits that a reference costs. */
  private static final int COST = 10;

  private final RowKernel kernel;
  private final int[] distances;
  private final int[] weights;
  private int[] codes = {};

  References(int tokens, Backend backend) {
    this.kernel = RowKernel.of(backend);
    this.distances = new int[tokens];
    this.weights = new int[tokens];
  }

  /** How many rows before {@code token} its reference is; 0 if it has none. */
  int distance(int token) {
    return distances[token];
  }

  /** What a reference is multiplied by. */
  float weight(int token) {
    return WEIGHTS[weights[token]];
  }

  boolean isCopy(int token) {
    return weights[token] == COPY;
  }

  /** Sets how {@code token} is made. */
  void set(int token, int distance, int weight) {
    distances[token] = distance;
    weights[token] = weight;
  }

  /** Turns the reference of {@code token} into a copy, or an ordinary row with weight 1. */
  void copy(int token, boolean copy) {
    weights[token] = copy ? COPY : 1;
  }

  /** No row has a reference. */
  void none() {
    Arrays.fill(distances, 0);
    Arrays.fill(weights, 1);
  }

  /** A byte for the distance of each token, then two bits for its weight. */
  byte[] bytes(int tokens) {
    byte[] bytes = new byte[BitstreamLayout.referenceBytes(tokens)];
    for (int token = 0; token < tokens; token++) {
      bytes[token] = (byte) distances[token];
      bytes[tokens + token / WEIGHT_KINDS] |=
          (byte) (weights[token] << (2 * (token % WEIGHT_KINDS)));
    }
    return bytes;
  }

  /** Reads what {@link #bytes} wrote; the rows that are no copies, or -1 if it is wrong. */
  int read(byte[] bytes, int tokens) {
    int rows = 0;
    for (int token = 0; token < tokens; token++) {
      distances[token] = Byte.toUnsignedInt(bytes[token]);
      weights[token] = bytes[tokens + token / WEIGHT_KINDS] >> (2 * (token % WEIGHT_KINDS)) & 3;
      if (distances[token] > token) {
        return -1;
      }
      rows += isCopy(token) ? 0 : 1;
    }
    return rows;
  }

  /**
   * Chooses references for rows of {@code channels} elements.
   *
   * @param rows {@code [tokens][channels]}
   * @param deviation root mean square of all elements, above 0
   * @return whether any row has one
   */
  boolean search(float[] rows, int tokens, int channels, float deviation) {
    if (codes.length < tokens * channels) {
      codes = new int[tokens * channels];
    }
    float scale = CODES / deviation;
    for (int i = 0; i < tokens * channels; i++) {
      codes[i] = (int) Math.min(Math.max(rows[i] * scale, -LARGEST), LARGEST);
    }
    long[] squares = new long[tokens];
    double worth = StrictMath.pow(2, -2.0 * COST / channels);
    boolean any = false;
    for (int token = 0; token < tokens; token++) {
      squares[token] = kernel.dot(codes, token * channels, token * channels, channels);
      any |= choose(token, channels, squares, (long) (16 * worth * squares[token]));
    }
    return any;
  }

  private boolean choose(int token, int channels, long[] squares, long worth) {
    long least = worth;
    set(token, 0, 1);
    for (int other = token - 1; other >= Math.max(0, token - BitstreamLayout.FARTHEST); other--) {
      long product = kernel.dot(codes, token * channels, other * channels, channels);
      for (int weight = 1; weight < WEIGHTS.length; weight++) {
        int quarters = 5 - weight;
        long error =
            16 * squares[token]
                + (long) quarters * quarters * squares[other]
                - 8L * quarters * product;
        if (error < least) {
          least = error;
          set(token, token - other, weight);
        }
      }
    }
    return distances[token] > 0;
  }
}
