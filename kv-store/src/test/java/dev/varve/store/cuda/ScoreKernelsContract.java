package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.CodeDotKernel;
import dev.varve.store.kernel.CodeRows;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;
import dev.varve.store.kernel.TopKKernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of a device against the scalar kernels of the processor. */
abstract class ScoreKernelsContract {
  private final KernelDevice device = open();

  abstract KernelDevice open();

  @AfterEach
  void close() {
    device.close();
  }

  @ParameterizedTest
  @CsvSource({
    "F16,64,1,1",
    "F16,64,4,97",
    "BF16,64,3,128",
    "F16,128,1,130",
    "BF16,128,4,259",
    "F16,128,8,33",
    "BF16,128,5,64"
  })
  void scoresKeysInBlocksAsTheProcessorDoes(Dtype dtype, int dim, int group, int tokens) {
    long seed = 41L + tokens;
    SplittableRandom random = new SplittableRandom(seed);
    int heads = 2;
    BlockGeometry geometry = new BlockGeometry(32, heads, dim, dim, dtype, false);
    int blocks = Math.ceilDiv(tokens, 32);
    MemorySegment[] stored = new MemorySegment[blocks];
    long[] addresses = new long[blocks];
    for (int b = 0; b < blocks; b++) {
      stored[b] = MemorySegment.ofArray(new byte[(int) geometry.bytes()]);
      store(dtype, stored[b], normal(random, (int) geometry.bytes() / 2));
      addresses[b] = device.upload(stored[b]);
    }
    float[] queries = normal(random, heads * group * dim);
    long out = device.space(4L * heads * group * tokens);
    new CudaScores(device.kernels())
        .keys(
            geometry,
            group,
            device.upload(addresses),
            tokens,
            device.upload(queries),
            out,
            device.stream());
    float[] scores = device.floats(out, heads * group * tokens);
    DotKernel judge = DotKernel.of(Backend.SCALAR);
    float[] expected = new float[group];
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < heads; head++) {
        StoredRows row = new StoredRows().layout(dtype, dim);
        row.at(stored[token / 32], geometry.keyOffset(head, token % 32), 1);
        judge.multiply(
            row,
            new FloatRows().at(queries, head * group * dim, dim, group),
            new FloatRows().at(expected, 0, 1, group));
        for (int g = 0; g < group; g++) {
          assertThat(scores[(head * group + g) * tokens + token])
              .as("seed %d, token %d, head %d, query %d", seed, token, head, g)
              .isCloseTo(expected[g], within(2e-4f * (1 + Math.abs(expected[g]))));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F32,7,1,1", "F16,128,3,5", "BF16,256,4,70", "F32,100,2,33"})
  void scoresRowsAndReducesGroups(Dtype dtype, int columns, int group, int count) {
    long seed = 11L + columns;
    SplittableRandom random = new SplittableRandom(seed);
    int heads = 2;
    MemorySegment rows = MemorySegment.ofArray(new byte[heads * count * columns * dtype.bytes()]);
    store(dtype, rows, normal(random, heads * count * columns));
    float[] vectors = normal(random, heads * group * columns);
    float[] expected = new float[heads * group * count];
    for (int head = 0; head < heads; head++) {
      StoredRows view = new StoredRows().layout(dtype, columns);
      view.at(rows, (long) head * count * columns * dtype.bytes(), count);
      DotKernel.of(Backend.SCALAR)
          .multiply(
              view,
              new FloatRows().at(vectors, head * group * columns, columns, group),
              new FloatRows().at(expected, head * group * count, count, group));
    }
    long stored = device.upload(rows);
    long queries = device.upload(vectors);
    CudaScores scores = new CudaScores(device.kernels());
    for (CudaScores.Reduction reduction : CudaScores.Reduction.values()) {
      long out = device.space(4L * heads * group * count);
      scores.rows(
          dtype, heads, group, stored, count, columns, queries, reduction, out, device.stream());
      boolean apart = reduction == CudaScores.Reduction.NONE;
      float[] found = device.floats(out, heads * count * (apart ? group : 1));
      for (int i = 0; i < found.length; i++) {
        float wanted = expected[i];
        if (!apart) {
          int at = i / count * group * count + i % count;
          wanted = expected[at];
          for (int g = 1; g < group; g++) {
            float other = expected[at + g * count];
            wanted =
                reduction == CudaScores.Reduction.MAX ? Math.max(wanted, other) : wanted + other;
          }
        }
        assertThat(found[i])
            .as("seed %d, %s, element %d", seed, reduction, i)
            .isCloseTo(wanted, within(5e-4f * (1 + Math.abs(wanted))));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"8,16,1,3", "4,128,4,65", "8,128,2,32", "4,64,3,1"})
  void scoresCodesAsTheProcessorDoes(int bits, int columns, int group, int count) {
    long seed = 77L + columns;
    SplittableRandom random = new SplittableRandom(seed);
    int heads = 2;
    byte[] codes = new byte[heads * count * columns * bits / 8];
    random.nextBytes(codes);
    float[] vectors = normal(random, heads * group * columns);
    float[] constants = normal(random, heads * group);
    long out = device.space(4L * heads * group * count);
    new CudaScores(device.kernels())
        .codes(
            bits,
            heads,
            group,
            device.upload(codes),
            count,
            columns,
            device.upload(vectors),
            device.upload(constants),
            out,
            device.stream());
    float[] found = device.floats(out, heads * group * count);
    float[] expected = new float[heads * group * count];
    for (int head = 0; head < heads; head++) {
      CodeRows rows = new CodeRows().layout(bits, columns);
      rows.at(MemorySegment.ofArray(codes), (long) head * count * rows.rowBytes(), count);
      CodeDotKernel.of(Backend.SCALAR)
          .multiply(
              rows,
              new FloatRows().at(vectors, head * group * columns, columns, group),
              new FloatRows().at(expected, head * group * count, count, group));
    }
    for (int i = 0; i < found.length; i++) {
      float wanted = expected[i] + constants[i / count];
      assertThat(found[i])
          .as("seed %d, element %d", seed, i)
          .isCloseTo(wanted, within(3e-4f * (100 + Math.abs(wanted))));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "2,3,100,5", "1,8,1000,1", "3,2,33,7"})
  void sharesOutVotesAndPoolsThem(int groups, int rows, int count, int window) {
    long seed = 5L + count;
    SplittableRandom random = new SplittableRandom(seed);
    float[] scores = normal(random, groups * rows * count);
    int[] visible = new int[groups * rows];
    for (int r = 0; r < visible.length; r++) {
      visible[r] = 1 + random.nextInt(count);
    }
    CudaScores kernels = new CudaScores(device.kernels());
    long scratch = device.space(4 * kernels.scratchFloats(groups * rows));
    long votes = device.space(4L * groups * count);
    long pooled = device.space(4L * groups * count);
    kernels.votes(
        device.upload(scores),
        device.upload(visible),
        groups,
        rows,
        count,
        0.5f,
        scratch,
        votes,
        device.stream());
    kernels.maxPool(votes, groups, count, window, pooled, device.stream());
    float[] expected = new float[groups * count];
    for (int r = 0; r < groups * rows; r++) {
      float[] shares = Arrays.copyOfRange(scores, r * count, r * count + visible[r]);
      SoftmaxKernel.of(Backend.SCALAR).softmax(shares, 0, visible[r], 0.5f, 0f);
      for (int i = 0; i < visible[r]; i++) {
        expected[r / rows * count + i] += shares[i];
      }
    }
    float[] found = device.floats(votes, groups * count);
    float[] largest = device.floats(pooled, groups * count);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("seed %d, vote %d", seed, i).isCloseTo(expected[i], within(1e-5f));
      int from = Math.max(i / count * count, i - window / 2);
      int to = Math.min((i / count + 1) * count, i + window / 2 + 1);
      float wanted = found[i];
      for (int j = from; j < to; j++) {
        wanted = Math.max(wanted, found[j]);
      }
      assertThat(largest[i]).as("seed %d, window %d", seed, i).isEqualTo(wanted);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "2,5,3",
    "1,4096,100",
    "2,5000,4999",
    "1,9000,5",
    "1,1000,2000",
    "3,10000,2048"
  })
  void takesTheSamePlacesAsTheProcessor(int rows, int count, int k) {
    for (int kind = 0; kind < 4; kind++) {
      long seed = 100L * count + kind;
      SplittableRandom random = new SplittableRandom(seed);
      float[] scores = new float[rows * count];
      for (int i = 0; i < scores.length; i++) {
        scores[i] =
            switch (kind) {
              case 0 -> (float) random.nextGaussian();
              case 1 -> random.nextInt(3);
              case 2 -> random.nextInt(50) == 0 ? Float.NaN : -(float) random.nextDouble();
              default -> random.nextInt(2) == 0 ? 0f : -0f;
            };
      }
      long places = device.space(4L * rows * k);
      new CudaTopK(device.kernels())
          .select(device.upload(scores), rows, count, k, places, device.stream());
      int[] found = device.integers(places, rows * k);
      int[] expected = new int[k];
      for (int row = 0; row < rows; row++) {
        int taken = TopKKernel.of(Backend.SCALAR).select(scores, row * count, count, k, expected);
        assertThat(Arrays.copyOfRange(found, row * k, row * k + taken))
            .as("seed %d, row %d", seed, row)
            .isEqualTo(Arrays.copyOf(expected, taken));
      }
    }
  }

  @Test
  void gathersRowsFromTheDeviceAndFromPinnedMemory() {
    SplittableRandom random = new SplittableRandom(8);
    int rowBytes = 272;
    byte[] bytes = new byte[40 * rowBytes];
    random.nextBytes(bytes);
    CudaGather gather = new CudaGather(device.kernels());
    try (PinnedMemory pinned = new PinnedMemory(device.device().driver(), bytes.length)) {
      pinned.bytes().copyFrom(MemorySegment.ofArray(bytes));
      for (long from : new long[] {device.upload(bytes), pinned.bytes().address()}) {
        int[] order = random.ints(33, 0, 40).toArray();
        long[] sources = Arrays.stream(order).mapToLong(r -> from + (long) r * rowBytes).toArray();
        long target = device.space(33L * rowBytes);
        gather.rows(device.upload(sources), 33, rowBytes, target, device.stream());
        byte[] found = device.bytes(target, 33 * rowBytes);
        for (int r = 0; r < 33; r++) {
          assertThat(Arrays.copyOfRange(found, r * rowBytes, (r + 1) * rowBytes))
              .isEqualTo(Arrays.copyOfRange(bytes, order[r] * rowBytes, (order[r] + 1) * rowBytes));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,64", "37,5,45", "130,33,128", "200,7,3"})
  void labelsVectorsByTheirNearestCentre(int count, int clusters, int dim) {
    SplittableRandom random = new SplittableRandom(100L * count + dim);
    float[] vectors = normal(random, count * dim);
    float[] centres = normal(random, clusters * dim);
    if (clusters > 2) {
      // Two centres alike: the lower of equals counts.
      System.arraycopy(centres, dim, centres, 2 * dim, dim);
    }
    float[] halves = new float[clusters];
    for (int c = 0; c < clusters; c++) {
      halves[c] = (float) (dot(centres, c * dim, centres, c * dim, dim) / 2);
    }
    int[] before = random.ints(count, 0, clusters).toArray();
    long labels = device.upload(before);
    long changes = device.upload(5);
    new CudaScores(device.kernels())
        .assign(
            device.upload(vectors),
            device.upload(centres),
            device.upload(halves),
            labels,
            changes,
            count,
            clusters,
            dim,
            device.stream());
    int[] found = device.integers(labels, count);
    int changed = 0;
    for (int v = 0; v < count; v++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < clusters; c++) {
        best = Math.max(best, dot(vectors, v * dim, centres, c * dim, dim) - halves[c]);
      }
      double chosen = dot(vectors, v * dim, centres, found[v] * dim, dim) - halves[found[v]];
      assertThat(chosen).as("vector %d", v).isCloseTo(best, within(1e-4));
      assertThat(found[v]).as("vector %d: the lower of equals", v).isNotEqualTo(2);
      changed += found[v] == before[v] ? 0 : 1;
    }
    assertThat(device.integers(changes, 1)[0]).isEqualTo(5 + changed);
  }

  private static double dot(float[] a, int atA, float[] b, int atB, int dim) {
    double sum = 0;
    for (int i = 0; i < dim; i++) {
      sum += (double) a[atA + i] * b[atB + i];
    }
    return sum;
  }

  @Test
  void placesRowsOfTokensAndHeadsInAnotherOrder() {
    int tokens = 19;
    int heads = 3;
    int row = 36;
    byte[] bytes = new byte[tokens * heads * row];
    new SplittableRandom(10).nextBytes(bytes);
    long target = device.space(bytes.length);
    new CudaGather(device.kernels())
        .place(
            new CudaGather.Strides(device.upload(bytes), (long) heads * row, row),
            new CudaGather.Strides(target, row, (long) tokens * row),
            tokens,
            heads,
            row,
            device.stream());
    byte[] found = device.bytes(target, bytes.length);
    for (int t = 0; t < tokens; t++) {
      for (int h = 0; h < heads; h++) {
        int from = (t * heads + h) * row;
        int to = (h * tokens + t) * row;
        assertThat(Arrays.copyOfRange(found, to, to + row))
            .isEqualTo(Arrays.copyOfRange(bytes, from, from + row));
      }
    }
    CudaGather.Strides odd = new CudaGather.Strides(target + 2, row, row);
    assertThatThrownBy(
            () -> new CudaGather(device.kernels()).place(odd, odd, 1, 1, row, device.stream()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("by 4 bytes");
  }

  @Test
  void gathersASelectionHeadAfterHead() {
    SplittableRandom random = new SplittableRandom(9);
    BlockGeometry geometry = new BlockGeometry(32, 2, 16, 16, Dtype.F16, false);
    byte[][] blocks = new byte[3][(int) geometry.bytes()];
    long[] addresses = new long[3];
    for (int b = 0; b < 3; b++) {
      random.nextBytes(blocks[b]);
      addresses[b] = device.upload(blocks[b]);
    }
    int[] positions = {0, 31, 95, 5, 33, 34, 64};
    int[] ranges = {0, 3, 7};
    long keys = device.space(7 * 32);
    long values = device.space(7 * 32);
    new CudaGather(device.kernels())
        .selection(
            geometry,
            device.upload(addresses),
            new SelectedRows(device.upload(positions), device.upload(ranges), 0),
            4,
            keys,
            values,
            device.stream());
    byte[] foundKeys = device.bytes(keys, 7 * 32);
    byte[] foundValues = device.bytes(values, 7 * 32);
    for (int i = 0; i < 7; i++) {
      byte[] block = blocks[positions[i] / 32];
      int key = (int) geometry.keyOffset(i < 3 ? 0 : 1, positions[i] % 32);
      int value = (int) geometry.valueOffset(i < 3 ? 0 : 1, positions[i] % 32);
      assertThat(Arrays.copyOfRange(foundKeys, i * 32, i * 32 + 32))
          .isEqualTo(Arrays.copyOfRange(block, key, key + 32));
      assertThat(Arrays.copyOfRange(foundValues, i * 32, i * 32 + 32))
          .isEqualTo(Arrays.copyOfRange(block, value, value + 32));
    }
  }

  private static float[] normal(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void store(Dtype dtype, MemorySegment target, float[] values) {
    int count = Math.min(values.length, (int) (target.byteSize() / dtype.bytes()));
    DtypeKernel.of(Backend.SCALAR, dtype).store(values, 0, count, target, 0);
  }
}
