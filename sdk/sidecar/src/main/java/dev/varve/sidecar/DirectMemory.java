package dev.varve.sidecar;

import io.netty.util.internal.PlatformDependent;

/** The native memory that the JVM lets buffers have. */
final class DirectMemory {

  /** Buffers of the network beside values. */
  private static final long SPARE = 64L << 20;

  private DirectMemory() {}

  /** Refuses a budget that buffers cannot keep. */
  static void check(long budget) {
    long limit = PlatformDependent.maxDirectMemory();
    if (budget + SPARE > limit) {
      throw new IllegalArgumentException(
          ("%d bytes of memory for values and %d for the network are more than the JVM allows"
                  + " (%d): set less memory, or start it with -XX:MaxDirectMemorySize=%d")
              .formatted(budget, SPARE, limit, budget + SPARE));
    }
  }
}
