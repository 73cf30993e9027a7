package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rows that are read where they lie must give the bits of rows that go through a strip. */
class VectorStraightTest {

  private static float[] gaussian(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void floatsInNativeMemoryGiveTheBitsOfFloatsOnTheHeap() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int columns : List.of(64, 96, 128, 80, 256)) {
      for (int count : List.of(16, 32, 128, 37)) {
        for (int vectors : List.of(4, 8, 3, 64)) {
          check(random, columns, count, vectors, seed);
        }
      }
    }
  }

  private static void check(
      SplittableRandom random, int columns, int count, int vectors, long seed) {
    int stride = columns + 16 * random.nextInt(3);
    float[] elements = gaussian(random, count * stride);
    MemorySegment heap = MemorySegment.ofArray(elements);
    MemorySegment unaligned = Arena.ofAuto().allocate(heap.byteSize() + 4).asSlice(4);
    unaligned.copyFrom(heap);
    float[] queries = gaussian(random, vectors * columns);
    float[] weights = gaussian(random, vectors * count);
    float[][] dots = new float[2][vectors * count];
    float[][] sums = new float[2][vectors * columns];
    List<MemorySegment> memories = List.of(unaligned, heap);
    for (int i = 0; i < 2; i++) {
      StoredRows rows =
          new StoredRows()
              .layout(Dtype.F32, columns, (long) stride * ValueLayout.JAVA_FLOAT.byteSize())
              .at(memories.get(i), 0, count);
      new VectorDotKernel()
          .multiply(
              rows,
              new FloatRows().at(queries, 0, columns, vectors),
              new FloatRows().at(dots[i], 0, count, vectors));
      new VectorWeightedSumKernel()
          .sum(
              rows,
              new FloatRows().at(weights, 0, count, vectors),
              new FloatRows().at(sums[i], 0, columns, vectors));
    }
    String name = "seed %d, %d rows of %d, %d vectors".formatted(seed, count, columns, vectors);
    assertThat(dots[0]).as(name).containsExactly(dots[1]);
    assertThat(sums[0]).as(name).containsExactly(sums[1]);
  }
}
