package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.CodeDotKernel;
import dev.varve.store.kernel.CodeRows;
import dev.varve.store.kernel.FloatRows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * Scores rows of 128 codes of 8 and 4 bits for one query and for four that share each row (goal
 * P6): cold, over memory that no cache holds, beside a plain read of the same memory; and hot, over
 * 64 KiB, by processor time.
 */
final class RowScoreBench {
  private static final int DIM = 128;
  private static final int HOT_BYTES = 64 << 10;
  private static final long SLICE_BYTES = 32L << 20;
  private static final double COLD_GOAL = 0.7;

  private final Backend backend;
  private final long setBytes;
  private final int pairs;

  RowScoreBench(Backend backend, long setBytes, int pairs) {
    this.backend = backend;
    this.setBytes = Math.max(4, Math.ceilDiv(setBytes, SLICE_BYTES)) * SLICE_BYTES;
    this.pairs = pairs;
  }

  List<RowScores> run() throws IOException {
    List<RowScores> rates = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(setBytes, 64);
      SplittableRandom random = new SplittableRandom(3);
      for (long at = 0; at < setBytes; at += Long.BYTES) {
        memory.set(ValueLayout.JAVA_LONG, at, random.nextLong());
      }
      for (int bits : new int[] {8, 4}) {
        for (int queries : new int[] {1, 4}) {
          rates.add(run(memory, bits, queries));
        }
      }
    }
    return rates;
  }

  private RowScores run(MemorySegment memory, int bits, int queries) throws IOException {
    CodeDotKernel kernel = CodeDotKernel.of(backend);
    FloatRows vectors = new FloatRows().at(new Gaussian(5).floats(queries * DIM), 0, DIM, queries);
    long rowBytes = (long) DIM * bits / Byte.SIZE;
    CodeRows rows = new CodeRows().layout(bits, DIM);
    int hot = Math.toIntExact(HOT_BYTES / rowBytes);
    FloatRows target = new FloatRows().at(new float[vectors.rows() * hot], 0, hot, vectors.rows());
    Runnable work = () -> kernel.multiply(rows.at(memory, 0, hot), vectors, target);
    ThreadClock.warmUp(1.5, work);
    double[] hotRates = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      hotRates[i] = ThreadClock.rate(hot, work);
    }
    int slices = Math.toIntExact(setBytes / SLICE_BYTES);
    double[] sink = new double[1];
    ThreadClock.warmUp(1, () -> sink[0] += VectorReadProbe.sum(memory, 0, SLICE_BYTES));
    ThreadClock.warmUp(1, () -> slice(kernel, rows, vectors, memory, 0, rowBytes, hot));
    Comparison cold =
        Comparison.measure(
            new Question(
                "int%d, %d quer%s a row".formatted(bits, queries, queries == 1 ? "y" : "ies"),
                "read of memory",
                queries == 1 ? OptionalDouble.of(COLD_GOAL) : OptionalDouble.empty()),
            pairs,
            pair -> {
              long at = pair % slices * SLICE_BYTES;
              return timed(() -> slice(kernel, rows, vectors, memory, at, rowBytes, hot));
            },
            pair -> {
              long at = (pair + slices / 2) % slices * SLICE_BYTES;
              return timed(() -> sink[0] += VectorReadProbe.sum(memory, at, at + SLICE_BYTES));
            });
    return new RowScores(bits, queries, Comparison.median(hotRates), cold.ours() / rowBytes, cold);
  }

  private static void slice(
      CodeDotKernel kernel,
      CodeRows rows,
      FloatRows vectors,
      MemorySegment memory,
      long from,
      long rowBytes,
      int step) {
    float[] out = new float[vectors.rows() * step];
    FloatRows target = new FloatRows().at(out, 0, step, vectors.rows());
    for (long at = from; at < from + SLICE_BYTES; at += step * rowBytes) {
      kernel.multiply(rows.at(memory, at, step), vectors, target);
    }
  }

  private static double timed(Runnable work) {
    return SLICE_BYTES / ThreadClock.seconds(work);
  }
}
