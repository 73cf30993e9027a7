package dev.varve.cli.bench;

import java.util.SplittableRandom;

/** Single reads at random places of an array too large for any cache. */
final class MemoryProbe {

  private final long[] words;
  private long sum;

  MemoryProbe(long bytes) {
    words = new long[Math.toIntExact(Math.clamp(bytes / Long.BYTES, 1 << 10, 1 << 28))];
    for (int i = 0; i < words.length; i++) {
      words[i] = i ^ 0x5555L;
    }
  }

  /** Times {@code count} reads, one by one. */
  Latencies read(int count) {
    SplittableRandom random = new SplittableRandom(11);
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(words.length);
      // The fence of the second reading of the clock waits for the word.
      long started = System.nanoTime();
      sum += words[at];
      nanos[i] = System.nanoTime() - started;
    }
    return new Latencies(nanos);
  }

  /** The sum of all words read, so that no read can be left out. */
  long sum() {
    return sum;
  }
}
