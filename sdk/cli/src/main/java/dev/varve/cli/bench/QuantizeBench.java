package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.compression.CodecContext;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** Integer groups of 32 beside ggml's, on 128 tokens of 8 heads of 128 normal numbers in f32. */
final class QuantizeBench {
  private static final SectionShape SHAPE =
      new SectionShape(Section.VALUES, 8, 128, 128, Dtype.F32, RopeSpec.none());
  private static final int COUNT = SHAPE.values(128);
  private static final double WARM_UP_SECONDS = 4;
  private static final double GOAL = 1.0;
  private static final double FOUR_BIT_GOAL = 4.0;

  /** How many steps {@link #measure} reports. */
  static final int STEPS = 6;

  private final GgmlRows ggml;
  private final Backend backend;
  private final int pairs;
  private final SectionFloats floats;
  private final MemorySegment same;
  private final MemorySegment blocks;
  private final MemorySegment section;
  private final List<Comparison> comparisons = new ArrayList<>();

  QuantizeBench(GgmlRows ggml, Backend backend, int pairs, Arena arena) {
    this.ggml = ggml;
    this.backend = backend;
    this.pairs = pairs;
    float[] values = new float[COUNT];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < COUNT; i++) {
      values[i] = (float) random.nextGaussian();
    }
    this.floats = new SectionFloats(SHAPE, SHAPE.blockTokens(), 0, values);
    this.same = arena.allocate(COUNT * (long) Float.BYTES, 64);
    MemorySegment.copy(values, 0, same, ValueLayout.JAVA_FLOAT, 0, COUNT);
    this.blocks = arena.allocate(GgmlRows.Type.Q8_0.bytes(COUNT), 64);
    this.section = arena.allocate(2 * GgmlRows.Type.Q8_0.bytes(COUNT), 64);
  }

  /** Rates of f32 in and out. */
  List<Comparison> measure(IntConsumer done) throws IOException {
    compare(8, true, GgmlRows.Type.Q8_0, GOAL, done);
    compare(8, false, GgmlRows.Type.Q8_0, GOAL, done);
    compare(4, true, GgmlRows.Type.Q4_0, FOUR_BIT_GOAL, done);
    return List.copyOf(comparisons);
  }

  private void compare(
      int bits, boolean symmetric, GgmlRows.Type type, double goal, IntConsumer done)
      throws IOException {
    UniformFormat format = new UniformFormat(bits, Axis.TOKEN, GgmlRows.BLOCK, symmetric);
    EncodedRows codec = format.codec(SHAPE, backend);
    CodecContext context = CodecContext.of(SHAPE.blockTokens());
    MemorySegment exact = section.asSlice(0, codec.maxBytes(SHAPE.blockTokens()));
    add(
        format.name() + " quantize",
        type + " quantize",
        OptionalDouble.of(goal),
        () -> codec.encode(floats, context, exact),
        () -> ggml.quantize(type, same, blocks, COUNT));
    done.accept(comparisons.size());
    SectionFloats target = new SectionFloats(SHAPE, SHAPE.blockTokens(), 0, new float[COUNT]);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment decoded = arena.allocate(COUNT * (long) Float.BYTES, 64);
      add(
          format.name() + " dequantize",
          type + " dequantize",
          bits == 8 ? OptionalDouble.of(goal) : OptionalDouble.empty(),
          () -> codec.decode(exact, target),
          () -> ggml.dequantize(type, blocks, decoded, COUNT));
    }
    done.accept(comparisons.size());
  }

  private void add(String name, String probe, OptionalDouble goal, Runnable ours, Runnable theirs)
      throws IOException {
    ThreadClock.warmUp(WARM_UP_SECONDS, ours);
    ThreadClock.warmUp(WARM_UP_SECONDS / 4, theirs);
    long bytes = COUNT * (long) Float.BYTES;
    comparisons.add(
        Comparison.measure(
            new Question(name, "ggml " + probe, goal),
            pairs,
            _ -> ThreadClock.rate(bytes, ours),
            _ -> ThreadClock.rate(bytes, theirs)));
  }
}
