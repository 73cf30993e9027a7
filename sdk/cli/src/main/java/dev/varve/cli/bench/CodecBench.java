package dev.varve.cli.bench;

import dev.varve.compression.calibrated.LayerTables;
import dev.varve.engine.LlamaModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/** The entropy coder and the lossless codec beside zstd on the same bytes. */
public final class CodecBench {
  private static final OptionalDouble GAUSSIAN_GOAL = OptionalDouble.of(0.98);
  private static final OptionalDouble EXPONENTS_GOAL = OptionalDouble.of(0.89);

  private static final int DRAWN_SECTIONS = 8;
  private static final int DRAWN_PARTS = 4;

  private final Backend backend;
  private final int pairs;
  private final List<Comparison> rates = new ArrayList<>();
  private final List<SizeFinding> sizes = new ArrayList<>();
  private final List<CodingFinding> codings = new ArrayList<>();

  /** One that measures {@code pairs} pairs. */
  public CodecBench(Backend backend, int pairs) {
    this.backend = backend;
    this.pairs = pairs;
  }

  /** How many parts {@link #synthetic} and {@link #captured} have together. */
  public static final int PARTS = 8;

  /** Measures symbols that are drawn. */
  public void synthetic(IntConsumer done) throws IOException {
    symbols("16 levels, Gaussian", SymbolSets.gaussian16(), GAUSSIAN_GOAL);
    done.accept(1);
    symbols("32 levels, Laplace", SymbolSets.laplace32(), OptionalDouble.empty());
    done.accept(2);
    symbols("exponents, Gaussian", SymbolSets.exponents(), EXPONENTS_GOAL);
    done.accept(3);
    try (Arena arena = Arena.ofConfined()) {
      CapturedKv kv =
          CapturedKv.drawn(DRAWN_SECTIONS, 8, BlockGeometry.DEFAULT_TOKENS, 128, 41, arena);
      try (LosslessBench bench = new LosslessBench("1,024 drawn channels", kv, backend)) {
        rates.addAll(bench.rates(pairs));
        sizes.addAll(bench.wholes());
      }
    }
    done.accept(DRAWN_PARTS);
  }

  /** Measures the keys and values of a capture. */
  public void captured(Path file, IntConsumer done) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int part = DRAWN_PARTS;
      for (String what : new String[] {"keys", "values"}) {
        CapturedKv kv = CapturedKv.read(file, what, BlockGeometry.DEFAULT_TOKENS, arena);
        if (kv.sections().isEmpty()) {
          throw new IOException(
              file + ": there is no block of %d %s".formatted(BlockGeometry.DEFAULT_TOKENS, what));
        }
        symbols("exponents, " + what, kv.exponents(), EXPONENTS_GOAL);
        done.accept(++part);
        try (LosslessBench bench = new LosslessBench(what, kv, backend)) {
          rates.addAll(bench.rates(pairs));
          sizes.addAll(bench.wholes());
          sizes.addAll(bench.planes());
        }
        done.accept(++part);
      }
    }
  }

  /** Measures integers of 8 and 4 bits beside ggml's rows; see {@link GgmlRows#open}. */
  public void quantized(Path ggml, IntConsumer done) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      GgmlRows rows = GgmlRows.open(ggml, arena);
      rates.addAll(new QuantizeBench(rows, backend, pairs, arena).measure(done));
    }
  }

  /**
   * Measures encodings on the keys and values of a capture.
   *
   * @param model the model of the capture, for the loss of the next token
   * @param tables calibrated ones of each layer
   * @param done hears how many of how many steps are done
   */
  public void codings(
      Path file, Optional<LlamaModel> model, List<LayerTables> tables, Progress done)
      throws IOException {
    CodingBench bench = new CodingBench(CapturedRun.read(file), model, tables, backend);
    bench.measure(step -> done.show(step, bench.steps()));
    codings.addAll(bench.codings());
    sizes.addAll(bench.sizes());
  }

  /** Hears how far a measurement is. */
  @FunctionalInterface
  public interface Progress {
    /** {@code done} of {@code all} steps are done. */
    void show(long done, long all);
  }

  /** What {@link #codings(Path, Optional, List, Progress)} found. */
  public List<CodingFinding> codings() {
    return List.copyOf(codings);
  }

  public List<Comparison> rates() {
    return List.copyOf(rates);
  }

  public List<SizeFinding> sizes() {
    return List.copyOf(sizes);
  }

  private void symbols(String name, byte[] symbols, OptionalDouble goal) throws IOException {
    try (SymbolBench bench = new SymbolBench(name, symbols, backend)) {
      rates.addAll(bench.rates(pairs));
      sizes.addAll(bench.sizes(goal));
    }
  }
}
