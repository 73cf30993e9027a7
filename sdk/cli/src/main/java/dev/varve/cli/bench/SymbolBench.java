package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.compression.entropy.SymbolCounts;
import dev.varve.compression.entropy.SymbolReader;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Our entropy coder beside zstd on one array of symbols. */
final class SymbolBench implements AutoCloseable {
  private static final double WARM_UP_SECONDS = 2.5;
  private static final String PROBE = "zstd -1";
  private static final double DECODE_GOAL = 1.0;
  private static final double ENCODE_GOAL = 1.3;
  private static final double ENTROPY_GOAL = 1 / 0.998;

  private final String name;
  private final byte[] symbols;
  private final byte[] back;
  private final MemorySegment target;
  private final SymbolWriter writer;
  private final SymbolReader reader;
  private final ZstdProbe zstd;
  private int size;

  SymbolBench(String name, byte[] symbols, Backend backend) {
    this.name = name;
    this.symbols = symbols;
    this.back = new byte[symbols.length];
    this.target = MemorySegment.ofArray(new byte[(int) SymbolWriter.maxBytes(symbols.length)]);
    this.writer = new SymbolWriter(backend);
    this.reader = new SymbolReader(backend);
    this.zstd = new ZstdProbe(symbols);
    encode();
    decode();
    if (!Arrays.equals(symbols, back)) {
      throw new IllegalStateException("the coder did not give back what it was given");
    }
  }

  /** Decode and encode rates, symbols of one byte a second. */
  List<Comparison> rates(int pairs) throws IOException {
    return List.of(
        measure("decode", DECODE_GOAL, pairs, this::decode, zstd::decode),
        measure("encode", ENCODE_GOAL, pairs, this::encode, zstd::encode));
  }

  /** Bytes beside zstd's, with a goal where there is one, and beside the entropy. */
  List<SizeFinding> sizes(OptionalDouble goal) {
    int[] counts = SymbolCounts.of(symbols, 0, symbols.length);
    double entropy = SymbolCounts.entropyBits(counts) / Byte.SIZE;
    return List.of(
        new SizeFinding(name, PROBE, symbols.length, size, zstd.size(), goal),
        new SizeFinding(
            name,
            "order-0 entropy",
            symbols.length,
            size,
            entropy,
            OptionalDouble.of(ENTROPY_GOAL)));
  }

  private Comparison measure(
      String direction, double goal, int pairs, Runnable ours, Runnable theirs) throws IOException {
    ThreadClock.warmUp(WARM_UP_SECONDS, ours);
    ThreadClock.warmUp(WARM_UP_SECONDS / 4, theirs);
    return Comparison.measure(
        new Question(name + " " + direction, PROBE, OptionalDouble.of(goal)),
        pairs,
        _ -> ThreadClock.rate(symbols.length, ours),
        _ -> ThreadClock.rate(symbols.length, theirs));
  }

  private void encode() {
    size = writer.write(symbols, symbols.length, 1, target);
  }

  private void decode() {
    SymbolReading reading = reader.read(target.asSlice(0, size), back, back.length, 1);
    if (reading instanceof SymbolReading.Refused refused) {
      throw new IllegalStateException(refused.reason());
    }
  }

  @Override
  public void close() {
    zstd.close();
  }
}
