package dev.varve.attention;

import java.util.function.LongSupplier;

/**
 * Waits until steps allocate nothing. Vector objects vanish once the compiler has seen the kernels,
 * and come back for a step whenever it compiles them anew: so some steps in a row have to be quiet,
 * not the first ones.
 */
public final class SteadyState {
  private static final int MOST_STEPS = 60_000;

  private SteadyState() {}

  /**
   * Runs steps until {@code wanted} in a row allocated nothing, at most 60,000.
   *
   * @param allocated runs one step and returns the bytes that it allocated
   * @return how many of the last steps in a row allocated nothing: {@code wanted} if all is well
   */
  public static int quietSteps(int wanted, LongSupplier allocated) {
    int quiet = 0;
    for (int steps = 0; quiet < wanted && steps < MOST_STEPS; steps++) {
      quiet = allocated.getAsLong() == 0 ? quiet + 1 : 0;
    }
    return quiet;
  }
}
