package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.cuda.CudaAttention;
import dev.varve.store.cuda.KernelDevice;
import dev.varve.store.cuda.PagedRows;
import dev.varve.store.cuda.SelectedRows;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attention of a device against the scalar kernel of the processor, which is in double precision.
 */
abstract class CudaAttentionContract {
  private static final int BLOCK = 32;

  private KernelDevice device;

  abstract KernelDevice open();

  @BeforeEach
  void openDevice() {
    device = open();
  }

  @AfterEach
  void close() {
    device.close();
  }

  /** Sequences of one layer in blocks, on the host and on the device. */
  private final class Sequences {
    private final LayerShape shape;
    private final BlockGeometry geometry;
    private final int[] tokens;
    private final MemorySegment[][] blocks;
    private final float[] queries;
    private final PagedRows rows;

    Sequences(LayerShape shape, Dtype dtype, SplittableRandom random, int... tokens) {
      this.shape = shape;
      this.tokens = tokens;
      this.geometry = BlockGeometry.of(shape, dtype, BLOCK);
      this.blocks = new MemorySegment[tokens.length][];
      long[] addresses = new long[0];
      int[] first = new int[tokens.length];
      for (int s = 0; s < tokens.length; s++) {
        first[s] = addresses.length;
        blocks[s] = new MemorySegment[Math.ceilDiv(tokens[s], BLOCK)];
        addresses = Arrays.copyOf(addresses, addresses.length + blocks[s].length);
        for (int b = 0; b < blocks[s].length; b++) {
          blocks[s][b] = MemorySegment.ofArray(new byte[(int) geometry.bytes()]);
          float[] values = normal(random, (int) geometry.bytes() / dtype.bytes());
          DtypeKernel.of(Backend.SCALAR, dtype).store(values, 0, values.length, blocks[s][b], 0);
          addresses[first[s] + b] = device.upload(blocks[s][b]);
        }
      }
      this.queries = normal(random, tokens.length * shape.queryHeads() * shape.keyDim());
      this.rows =
          new PagedRows(
              device.upload(Arrays.copyOf(addresses, Math.max(1, addresses.length))),
              device.upload(first),
              device.upload(tokens),
              tokens.length);
    }

    /** Attends on the device and compares every head with the judge. */
    void check(SelectedRows selected, int[][] positions, float[][] bias, int splits, long seed) {
      int heads = tokens.length * shape.queryHeads();
      int dim = shape.valueDim();
      CudaAttention attention = new CudaAttention(device.kernels(), shape, geometry);
      long out = device.space(4L * heads * dim);
      long lse = device.space(4L * heads);
      long scratch = device.space(4 * attention.scratchFloats(tokens.length, splits));
      attention.attend(
          rows, selected, device.upload(queries), scratch, out, lse, splits, device.stream());
      float[] found = device.floats(out, heads * dim);
      float[] foundLse = device.floats(lse, heads);
      for (int s = 0; s < tokens.length; s++) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          int list = s * shape.kvHeads() + head;
          compare(s, head, positions[list], bias[list], found, foundLse, seed);
        }
      }
    }

    private void compare(
        int s, int head, int[] wanted, float[] bias, float[] out, float[] lse, long seed) {
      int dim = shape.valueDim();
      int group = shape.group();
      PartialFold fold = new PartialFold();
      fold.start(group, dim);
      float[] o = new float[group * dim];
      float[] l = new float[group];
      int query = s * shape.queryHeads() + head * group;
      AttentionKernel judge = AttentionKernel.of(Backend.SCALAR);
      for (int i = 0; i < wanted.length; i++) {
        AttentionTile tile =
            new AttentionTile()
                .shape(geometry, shape.scale(), shape.logitSoftCap())
                .rows(blocks[s][wanted[i] / BLOCK], head, wanted[i] % BLOCK, 1)
                .queries(queries, query * shape.keyDim(), group)
                .bias(bias, bias.length == 0 ? 0 : i)
                .results(o, 0, l, 0);
        judge.attend(tile);
        for (int g = 0; g < group; g++) {
          fold.add(g, l[g], o, g * dim);
        }
      }
      for (int g = 0; g < group; g++) {
        fold.output(g, o, g * dim);
        String what = "seed %d, sequence %d, head %d, query %d".formatted(seed, s, head, g);
        if (wanted.length == 0) {
          assertThat(lse[query + g]).as(what).isEqualTo(Float.NEGATIVE_INFINITY);
        } else {
          assertThat(lse[query + g]).as(what).isCloseTo(fold.lse(g), within(1e-3f));
        }
        for (int i = 0; i < dim; i++) {
          assertThat(out[(query + g) * dim + i]).as(what).isCloseTo(o[g * dim + i], within(1e-4f));
        }
      }
    }

    int[][] everything() {
      return IntStream.range(0, tokens.length * shape.kvHeads())
          .mapToObj(list -> IntStream.range(0, tokens[list / shape.kvHeads()]).toArray())
          .toArray(int[][]::new);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F16,64,1,1",
    "BF16,64,4,3",
    "F16,128,1,2",
    "F16,128,4,1",
    "BF16,128,4,5",
    "F16,128,6,2",
    "BF16,128,8,1",
    "F16,64,2,4"
  })
  void attendsToAllTokensOfEverySequence(Dtype dtype, int dim, int group, int splits) {
    long seed = 1000L * dim + 10L * group + splits;
    LayerShape shape = LayerShape.grouped(2 * group, 2, dim, RopeSpec.none());
    Sequences sequences = new Sequences(shape, dtype, new SplittableRandom(seed), 1, 97, 64, 130);
    sequences.check(SelectedRows.ALL, sequences.everything(), new float[8][0], splits, seed);
  }

  @Test
  void readsTheRowsThatWereChosenWithTheirWeights() {
    long seed = 77;
    SplittableRandom random = new SplittableRandom(seed);
    LayerShape shape = LayerShape.grouped(8, 2, 128, RopeSpec.none());
    Sequences sequences = new Sequences(shape, Dtype.BF16, random, 200, 40);
    int[][] positions = new int[4][];
    float[][] bias = new float[4][];
    int[] ranges = new int[5];
    int[] all = new int[0];
    float[] allBias = new float[0];
    for (int list = 0; list < 4; list++) {
      int tokens = list < 2 ? 200 : 40;
      // One of the heads reads nothing.
      int wanted = list == 3 ? 0 : 1 + random.nextInt(tokens);
      positions[list] = random.ints(0, tokens).distinct().limit(wanted).sorted().toArray();
      bias[list] = new float[wanted];
      for (int i = 0; i < wanted; i++) {
        bias[list][i] = (float) Math.log(1 + random.nextInt(5));
      }
      ranges[list + 1] = ranges[list] + wanted;
      all = IntStream.concat(Arrays.stream(all), Arrays.stream(positions[list])).toArray();
      allBias = Arrays.copyOf(allBias, ranges[list + 1]);
      System.arraycopy(bias[list], 0, allBias, ranges[list], wanted);
    }
    SelectedRows selected =
        new SelectedRows(device.upload(all), device.upload(ranges), device.upload(allBias));
    sequences.check(selected, positions, bias, 3, seed);
  }

  @Test
  void capsLogits() {
    long seed = 78;
    LayerShape shape =
        new LayerShape(4, 1, 128, 128, 0.5f, 2f, RopeSpec.none(), 0, false, OptionalInt.empty());
    Sequences sequences = new Sequences(shape, Dtype.F16, new SplittableRandom(seed), 70);
    sequences.check(SelectedRows.ALL, sequences.everything(), new float[1][0], 2, seed);
  }

  @Test
  void refusesWhatItHasNoKernelFor() {
    LayerShape odd = LayerShape.grouped(4, 1, 96, RopeSpec.none());
    LayerShape fine = LayerShape.grouped(4, 1, 128, RopeSpec.none());
    assertThatThrownBy(
            () -> new CudaAttention(device.kernels(), odd, BlockGeometry.of(odd, Dtype.F16, BLOCK)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("96");
    assertThat(CudaAttention.refusal(fine, BlockGeometry.of(fine, Dtype.F32, BLOCK)).orElseThrow())
        .contains("F32");
    assertThat(CudaAttention.refusal(fine, BlockGeometry.of(fine, Dtype.F16, 96)).orElseThrow())
        .contains("96");
    assertThat(CudaAttention.refusal(fine, BlockGeometry.of(fine, Dtype.F16, BLOCK))).isEmpty();
  }

  private static float[] normal(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
