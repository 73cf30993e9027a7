package dev.varve.sidecar.stream;

import java.util.Arrays;

/**
 * What the chunks from one on cost together, at each level. Sums are made anew at no more than
 * {@link #REFRESHES} places of a stream, for sizes are learnt while it runs, and a long one must
 * not be summed up at each of its chunks. For one thread.
 */
final class RemainingCosts {

  private static final int REFRESHES = 64;

  private final StreamCosts costs;
  private final long[] bytes;
  private final double[] decodeSeconds;
  private double recomputeSeconds;
  private int at;
  private int refreshAt;

  RemainingCosts(StreamCosts costs) {
    this.costs = costs;
    this.bytes = new long[costs.levels()];
    this.decodeSeconds = new double[costs.levels()];
  }

  /** The costs are those from {@code chunk} on; chunks only rise. */
  void from(int chunk) {
    if (chunk >= refreshAt) {
      refresh(chunk);
      refreshAt = chunk + Math.max(1, costs.chunks() / REFRESHES);
    }
    for (; at < chunk; at++) {
      add(at, -1);
    }
  }

  private void refresh(int chunk) {
    Arrays.fill(bytes, 0);
    Arrays.fill(decodeSeconds, 0);
    recomputeSeconds = 0;
    for (int i = chunk; i < costs.chunks(); i++) {
      add(i, 1);
    }
    at = chunk;
  }

  private void add(int chunk, int sign) {
    for (int level = 0; level < bytes.length; level++) {
      bytes[level] += sign * costs.bytes(chunk, level);
      decodeSeconds[level] += sign * costs.decodeSeconds(chunk, level);
    }
    recomputeSeconds += sign * costs.recomputeSeconds(chunk);
  }

  /** Time for all of them, the last decoding included. */
  double seconds(int level, double rate) {
    return seconds(bytes[level], decodeSeconds[level], recomputeSeconds, level, rate);
  }

  /** The same without {@code chunk}, which must be the first of them. */
  double secondsAfter(int chunk, int level, double rate) {
    return seconds(
        bytes[level] - costs.bytes(chunk, level),
        decodeSeconds[level] - costs.decodeSeconds(chunk, level),
        Double.POSITIVE_INFINITY,
        level,
        rate);
  }

  private double seconds(
      long allBytes, double allDecoding, double recompute, int level, double rate) {
    double tail = costs.decodeSeconds(costs.chunks() - 1, level);
    double sent = Math.max(allBytes / rate, allDecoding) + tail;
    // Infinity less infinity is no number: what cannot be computed costs what it takes to send.
    return recompute < sent ? recompute : sent;
  }
}
