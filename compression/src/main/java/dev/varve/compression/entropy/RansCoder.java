package dev.varve.compression.entropy;

import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/**
 * Encodes and decodes runs of symbols, each with a table of its own, as one stream of words. Runs
 * of whole rounds that follow each other with one table are one to a kernel. Holds scratch memory
 * of the largest stream so far: for one thread at a time.
 */
final class RansCoder {
  private final RansKernel kernel;
  private final RansInput input = new RansInput();
  private final RansOutput output = new RansOutput();

  RansCoder(Backend backend) {
    this(RansKernel.of(backend));
  }

  RansCoder(RansKernel kernel) {
    this.kernel = kernel;
  }

  /** The table of a run. */
  @FunctionalInterface
  interface Tables {
    RansTable of(int run);
  }

  /**
   * Encodes {@code runs} runs of {@code length} symbols each; {@link #write} takes the result.
   *
   * @return bytes of the result
   */
  int encode(byte[] symbols, int runs, int length, int states, Tables tables) {
    output.open(runs * length, states);
    int rounds = length / states;
    int rest = length % states;
    for (int run = runs - 1; run >= 0; run--) {
      RansTable table = tables.of(run);
      int joined = 1;
      while (rest == 0 && run > 0 && tables.of(run - 1) == table) {
        run--;
        joined++;
      }
      int from = run * length;
      if (rest > 0) {
        ScalarRansKernel.encodeRound(output, table, symbols, from + rounds * states, rest);
      }
      if (rounds > 0) {
        kernel.encode(output, table, symbols, from, rounds * joined);
      }
    }
    return output.bytes();
  }

  /** Writes what was encoded last. */
  void write(MemorySegment target, long from) {
    output.write(kernel, target, from);
  }

  /**
   * Decodes what {@link #write} wrote, which reaches from {@code from} to the end of {@code
   * source}. Returns whether the stream was sound; if not, {@code symbols} holds anything.
   */
  boolean decode(
      MemorySegment source,
      long from,
      byte[] symbols,
      int runs,
      int length,
      int states,
      Tables tables) {
    if (!input.open(source, from, states)) {
      return false;
    }
    int rounds = length / states;
    int rest = length % states;
    for (int run = 0; run < runs && !input.overrun(); run++) {
      RansTable table = tables.of(run);
      int at = run * length;
      int joined = 1;
      while (rest == 0 && run < runs - 1 && tables.of(run + 1) == table) {
        run++;
        joined++;
      }
      if (rounds > 0) {
        kernel.decode(input, table, symbols, at, rounds * joined);
      }
      if (rest > 0 && !input.overrun()) {
        kernel.decodeRest(input, table, symbols, at + rounds * states, rest);
      }
    }
    return input.finished();
  }
}
