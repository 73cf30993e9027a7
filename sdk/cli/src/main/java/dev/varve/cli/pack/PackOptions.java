package dev.varve.cli.pack;

import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;

/**
 * How to write containers.
 *
 * @param blockTokens tokens of a block
 * @param guard tokens that are kept as they are
 * @param threads blocks that are encoded at once
 * @param sampleTokens tokens on which attention error is measured
 * @param backend which kernels run
 * @param tables what was calibrated for the model
 */
public record PackOptions(
    int blockTokens,
    Guard guard,
    int threads,
    int sampleTokens,
    Backend backend,
    CodecTables tables) {

  public PackOptions {
    Checks.inRange(threads, 1, 1024, "threads");
    Checks.positive(sampleTokens, "tokens of the sample");
    if (blockTokens < 32 || blockTokens > 4096 || blockTokens % 32 != 0) {
      throw new IllegalArgumentException(
          "--block must be a multiple of 32 between 32 and 4096: " + blockTokens);
    }
  }
}
