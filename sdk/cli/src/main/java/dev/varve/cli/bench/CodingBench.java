package dev.varve.cli.bench;

import dev.varve.cli.bench.CacheGenKv.Level;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.engine.LlamaModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Encodings on the keys and values of a capture: bits, error of attention outputs, loss of the next
 * token, speed; and the bitstream beside CacheGen's settings at equal error.
 */
final class CodingBench {
  private static final int BLOCK_TOKENS = BlockGeometry.DEFAULT_TOKENS;
  private static final int LOSS_TOKENS = 1024;
  private static final OptionalDouble BYTES_GOAL = OptionalDouble.of(0.85);
  private static final String FAMILY = "bitstream";

  /** What is measured, from the most bits to the fewest. */
  static final List<String> ENCODINGS =
      List.of(
          "raw",
          "int8",
          "fp8",
          "bitstream0",
          "int8-rotated4",
          "bitstream1",
          "gear4",
          "kivi4",
          "aquakv4",
          "kvquant4",
          "kv4",
          "kvquant3",
          "aquakv3",
          "bitstream2",
          "gear2",
          "bitstream3",
          "kivi2",
          "kvquant2",
          "aquakv2",
          "grid2",
          "nsn2",
          "bitstream4",
          "bitstream5",
          "nsn1",
          "bitstream6");

  private final CapturedRun run;
  private final Backend backend;
  private final Optional<LlamaModel> model;
  private final List<LayerTables> tables;
  private final List<CodingFinding> codings = new ArrayList<>();
  private final List<SizeFinding> sizes = new ArrayList<>();

  /**
   * @param tables calibrated ones of each layer
   */
  CodingBench(
      CapturedRun run, Optional<LlamaModel> model, List<LayerTables> tables, Backend backend) {
    this.run = run;
    this.model = model;
    this.tables = List.copyOf(tables);
    this.backend = backend;
  }

  /** How many steps {@link #measure} reports. */
  int steps() {
    return ENCODINGS.size() + Level.published(run.layers()).size();
  }

  void measure(IntConsumer done) {
    LayerShape shape = run.shape();
    for (String name : ENCODINGS) {
      Supplier<EncodedKv> fresh = () -> new EncodedKv(name, shape, BLOCK_TOKENS, tables, backend);
      EncodedKv coding = fresh.get();
      double error = run.outputError(coding, BLOCK_TOKENS);
      OptionalDouble loss = loss(fresh::get);
      codings.add(
          new CodingFinding(
              name,
              coding.bitsPerValue(),
              coding.tableBitsPerValue(),
              error,
              loss,
              OptionalDouble.of(coding.encodeRate()),
              OptionalDouble.of(coding.decodeRate())));
      done.accept(codings.size());
    }
    EqualError ours =
        new EqualError(
            codings.stream().filter(finding -> finding.name().startsWith(FAMILY)).toList());
    for (Level level : Level.published(run.layers())) {
      Supplier<CacheGenKv> fresh =
          () -> new CacheGenKv(level, shape.kvHeads(), shape.keyDim(), BLOCK_TOKENS);
      CacheGenKv coding = fresh.get();
      double error = run.outputError(coding, BLOCK_TOKENS);
      OptionalDouble loss = loss(fresh::get);
      double bits = coding.bitsPerValue();
      codings.add(
          new CodingFinding(
              level.name(),
              bits,
              coding.tableBitsPerValue(),
              error,
              loss,
              OptionalDouble.empty(),
              OptionalDouble.empty()));
      compare(level.name(), ours.bitsAt(error), bits, coding.tableBitsPerValue());
      done.accept(codings.size());
    }
  }

  private OptionalDouble loss(Supplier<KvCoding> coding) {
    return model.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            new NextTokenLoss(model.get(), run.shape(), run.tokens(), LOSS_TOKENS, BLOCK_TOKENS)
                .of(coding.get()));
  }

  private void compare(String name, OptionalDouble ours, double theirs, double tables) {
    if (ours.isEmpty()) {
      return;
    }
    double values =
        2.0
            * run.layers()
            * run.shape().kvHeads()
            * run.shape().keyDim()
            * (run.tokens().length / BLOCK_TOKENS * BLOCK_TOKENS);
    long plain = Math.round(values * Short.BYTES);
    long our = Math.round(values * ours.getAsDouble() / Byte.SIZE);
    sizes.add(
        new SizeFinding(
            "bitstream at the error of " + name,
            "its symbols and scales, tables free",
            plain,
            our,
            values * theirs / Byte.SIZE,
            BYTES_GOAL));
    sizes.add(
        new SizeFinding(
            "bitstream at the error of " + name,
            "the same with tables every 256 tokens",
            plain,
            our,
            values * (theirs + tables) / Byte.SIZE,
            OptionalDouble.empty()));
  }

  List<CodingFinding> codings() {
    return List.copyOf(codings);
  }

  List<SizeFinding> sizes() {
    return List.copyOf(sizes);
  }
}
