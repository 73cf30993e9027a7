package dev.varve.compression.bitstream;

import dev.varve.compression.lossless.ByteTransposition;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;

/**
 * Which earlier row each row is predicted from, and with what weight. The search works on whole
 * numbers and in one order, so that every backend finds the same. For one thread at a time.
 */
final class References {
  /** The row is the earlier row itself and has no symbols. */
  static final int COPY = 0;

  private static final float[] WEIGHTS = {1f, 1f, 0.75f, 0.5f};
  private static final int WEIGHT_KINDS = 4;

  /** Search codes of one standard deviation. */
  private static final float CODES = 16;

  /** Bits that a reference costs. */
  private static final int COST = 10;

  private final SearchKernel kernel;
  private final int[] distances;
  private final int[] weights;
  private byte[] byRow = {};
  private byte[] byChannel = {};
  private float[] codes = {};
  private float[] squares = {};
  private float[] products = {};

  References(int tokens, Backend backend) {
    this.kernel = SearchKernel.of(backend);
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
    int padding = SearchKernel.PADDING;
    int stride = (tokens + padding - 1) / padding * padding;
    prepare(rows, tokens, channels, CODES / deviation, stride);
    float worth = (float) (StrictMath.pow(2, -2.0 * COST / channels) - 1);
    boolean any = false;
    for (int row = 0; row < tokens; row += SearchKernel.ROWS) {
      int first = Math.max(0, row - BitstreamLayout.FARTHEST) / padding * padding;
      int end = row + SearchKernel.ROWS;
      kernel.products(codes, stride, channels, row, first, end, products);
      for (int r = 0; r < SearchKernel.ROWS; r++) {
        squares[row + r] = products[r * stride + row + r];
      }
      for (int r = 0; r < SearchKernel.ROWS && row + r < tokens; r++) {
        any |= choose(row + r, r * stride, 16 * worth * squares[row + r]);
      }
    }
    return any;
  }

  private void prepare(float[] rows, int tokens, int channels, float scale, int stride) {
    if (byRow.length < tokens * channels) {
      byRow = new byte[tokens * channels];
      byChannel = new byte[tokens * channels];
    }
    if (codes.length < channels * stride) {
      codes = new float[channels * stride];
      squares = new float[stride];
      products = new float[SearchKernel.ROWS * stride];
    }
    kernel.codes(rows, tokens * channels, scale, byRow);
    ByteTransposition.of(byRow, byChannel, 0, tokens, channels);
    for (int c = 0; c < channels; c++) {
      kernel.widen(byChannel, c * tokens, tokens, codes, c * stride);
      Arrays.fill(codes, c * stride + tokens, (c + 1) * stride, 0);
    }
  }

  private boolean choose(int token, int at, float bound) {
    int first = Math.max(0, token - BitstreamLayout.FARTHEST);
    int best = kernel.best(products, at, squares, first, token, bound);
    if (best < 0) {
      set(token, 0, 1);
      return false;
    }
    int kind = 1;
    for (int other = 2; other < WEIGHT_KINDS; other++) {
      kind = error(other, best, at) < error(kind, best, at) ? other : kind;
    }
    set(token, token - best, kind);
    return true;
  }

  private float error(int kind, int other, int at) {
    return SearchKernel.error(5 - kind, squares[other], products[at + other]);
  }
}
