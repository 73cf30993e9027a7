package dev.varve.cli.bench;

import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/** Integer quantization beside ggml, as a report. */
public final class QuantBench {

  /** How many parts {@link #run} reports. */
  public static final int STEPS = QuantizeBench.STEPS;

  private QuantBench() {}

  /**
   * Measures all parts.
   *
   * @param ggml a shared library or a jar, see {@link GgmlRows#open}
   * @param done hears how many parts are done
   */
  public static BenchReport run(Path ggml, Backends.Choice choice, int pairs, IntConsumer done)
      throws IOException {
    try (Arena arena = Arena.ofShared()) {
      GgmlRows rows = GgmlRows.open(ggml, arena);
      List<Comparison> comparisons =
          new QuantizeBench(rows, choice.backend(), pairs, arena).measure(done);
      return new BenchReport(
          "Quantizing 128 tokens of 8 heads of 128 normal numbers, one thread; %s; medians of %d"
                  .formatted(choice.reason(), pairs)
              + " pairs after a warm-up.",
          comparisons,
          List.of(
              "ours and probe: f32 in or out a second of processor time of the thread, in turns."
                  + " goals: P5. Groups of 32 as ggml's; .sym has one scale as these have, the"
                  + " other a scale and a zero."));
    }
  }
}
