package dev.varve.store.cuda;

import dev.varve.store.Checks;

/**
 * How many threads a kernel runs on.
 *
 * @param x blocks along x
 * @param y blocks along y
 * @param z blocks along z
 * @param threads threads of a block
 * @param sharedBytes shared memory of a block beside what the kernel declares
 */
public record LaunchGrid(int x, int y, int z, int threads, int sharedBytes) {
  public LaunchGrid {
    Checks.positive(x, "x");
    Checks.inRange(y, 1, 65535, "y");
    Checks.inRange(z, 1, 65535, "z");
    Checks.inRange(threads, 1, 1024, "threads");
    Checks.notNegative(sharedBytes, "sharedBytes");
  }

  /** Blocks along x and y. */
  public static LaunchGrid of(int x, int y, int threads) {
    return new LaunchGrid(x, y, 1, threads, 0);
  }
}
