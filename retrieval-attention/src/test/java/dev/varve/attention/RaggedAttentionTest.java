package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.SoftmaxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RaggedAttentionTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int TOKENS = 200;

  private final RowPage page = new RowPage();

  @ParameterizedTest
  @EnumSource(Backend.class)
  void overAllRowsInBlocksTheBitsAreThoseOfExactAttention(Backend backend) {
    for (LayerShape shape :
        new LayerShape[] {
          RandomLayer.shape(8, 2, 64, 64), new RandomLayer.Options(5f, 70, true).shape(6, 3, 37, 29)
        }) {
      RandomLayer layer = new RandomLayer(new SplittableRandom(3), shape, Dtype.F16, 64, TOKENS);
      ExactAttention exact = new ExactAttention(AttentionKernel.of(backend));
      RaggedAttention ragged = new RaggedAttention(AttentionKernel.of(backend));
      int[] positions = range(TOKENS);
      for (int from : new int[] {0, 100, TOKENS - 1}) {
        float[] out = attend(ragged, layer, from, positions, SoftmaxKernel.NO_BIAS);
        assertThat(out).as("%s from %d", shape, from).isEqualTo(layer.attend(exact, from, TOKENS));
      }
    }
  }

  @Test
  void everyKernelAgreesWithTheDefinitionOverRaggedRowsWithBiases() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20; round++) {
      int window = random.nextBoolean() ? 0 : 1 + random.nextInt(150);
      LayerShape shape =
          new RandomLayer.Options(random.nextBoolean() ? 0 : 4, window, false)
              .shape(6, 3, 1 + random.nextInt(70), 1 + random.nextInt(70));
      Ragged rows = new Ragged(random, shape, 32);
      int tokens = 1 + random.nextInt(9);
      double[] expected = rows.reference(tokens);
      Kernels.all()
          .forEach((name, kernel) -> {
            float[] out = rows.attend(new RaggedAttention(kernel), tokens);
            for (int i = 0; i < expected.length; i++) {
              assertThat((double) out[i])
                  .as("%s seed %d at %d", name, seed, i)
                  .isCloseTo(expected[i], within(2e-5 * Math.max(1, Math.abs(expected[i]))));
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void aRowWithTheLogarithmOfACountStandsForThatManyEqualRows(Backend backend) {
    LayerShape shape = RandomLayer.shape(4, 1, 64, 64);
    SplittableRandom random = new SplittableRandom(11);
    RandomLayer layer = new RandomLayer(random, shape, Dtype.F32, 32, 96);
    BlockGeometry geometry = layer.geometry;
    MemorySegment first = layer.blocks.getFirst();
    for (int t = 1; t < 20; t++) {
      MemorySegment.copy(
          first, geometry.keyOffset(0, 0), first, geometry.keyOffset(0, t), geometry.keyRowBytes());
      MemorySegment.copy(
          first,
          geometry.valueOffset(0, 0),
          first,
          geometry.valueOffset(0, t),
          geometry.valueRowBytes());
    }
    float[] all = layer.attend(new ExactAttention(AttentionKernel.of(backend)), 95, 96);
    RaggedAttention ragged = new RaggedAttention(AttentionKernel.of(backend));
    layer.start(ragged, 95, 96);
    float[] bias = new float[96];
    bias[19] = (float) Math.log(20);
    MemorySegment merged = Arena.ofAuto().allocate(geometry.bytes(), 64);
    for (int t = 19; t < 32; t++) {
      MemorySegment.copy(
          first,
          geometry.keyOffset(0, t),
          merged,
          geometry.keyOffset(0, t - 19),
          geometry.keyRowBytes());
      MemorySegment.copy(
          first,
          geometry.valueOffset(0, t),
          merged,
          geometry.valueOffset(0, t - 19),
          geometry.valueRowBytes());
    }
    ragged.addPage(0, page.memory(merged, geometry, 0).rows(13, range(96), bias, 19));
    for (int b = 1; b < 3; b++) {
      page.memory(layer.blocks.get(b), geometry, 0).rows(32, range(96), bias, 32 * b);
      ragged.addPage(0, page);
    }
    float[] out = new float[all.length];
    ragged.finish(out, 0);
    for (int i = 0; i < all.length; i++) {
      assertThat(out[i]).isCloseTo(all[i], within(1e-5f));
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void allocatesNoHeapByteInADecodeStepOnceWarm(Backend backend) {
    LayerShape shape = RandomLayer.shape(8, 2, 64, 64);
    Ragged rows = new Ragged(new SplittableRandom(4), shape, 64);
    RaggedAttention attention = new RaggedAttention(AttentionKernel.of(backend));
    float[] out = new float[8 * 64];
    int quiet = SteadyState.quietSteps(200, () -> step(rows, attention, out));
    assertThat(quiet).as("%s", backend).isEqualTo(200);
  }

  private static long step(Ragged rows, RaggedAttention attention, float[] out) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    rows.attend(attention, 1, out);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void refusesPagesThatDoNotFit() {
    LayerShape shape = RandomLayer.shape(4, 2, 16, 16);
    RandomLayer layer = new RandomLayer(new SplittableRandom(5), shape, Dtype.F32, 32, 64);
    RaggedAttention attention = new RaggedAttention(AttentionKernel.of(Backend.SCALAR));
    layer.start(attention, 63, 64);
    MemorySegment block = layer.blocks.getFirst();
    assertThatThrownBy(() -> new RowPage().rows(1, range(1), SoftmaxKernel.NO_BIAS, 0))
        .hasMessageContaining("memory()");
    page.memory(block, layer.geometry, 1);
    assertThatThrownBy(() -> attention.addPage(0, page)).hasMessageContaining("no rows");
    assertThatThrownBy(() -> page.rows(33, range(64), SoftmaxKernel.NO_BIAS, 0))
        .hasMessageContaining("between 1 and 32: 33");
    assertThatThrownBy(() -> page.rows(32, range(31), SoftmaxKernel.NO_BIAS, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> page.memory(block.asSlice(64), layer.geometry, 0))
        .hasMessageContaining("bytes but has");
    assertThatThrownBy(() -> page.memory(block, layer.geometry, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    page.memory(block, layer.geometry, 1).rows(32, range(64), SoftmaxKernel.NO_BIAS, 32);
    attention.addPage(1, page);
    page.rows(32, range(64), SoftmaxKernel.NO_BIAS, 0);
    assertThatThrownBy(() -> attention.addPage(1, page))
        .hasMessageContaining("head 1 at position 0 begins before the last one ends, at 63");
    assertThatThrownBy(() -> attention.finish(new float[64], 0))
        .hasMessageContaining("KV head 0 was shown rows up to position -1, the chunk ends with 63");
    BlockGeometry other = BlockGeometry.of(RandomLayer.shape(4, 2, 8, 16), Dtype.F32, 32);
    page.memory(block, other, 0).rows(32, range(64), SoftmaxKernel.NO_BIAS, 32);
    assertThatThrownBy(() -> attention.addPage(0, page)).hasMessageContaining("not of this layer");
  }

  /** Attends for the tokens [from, TOKENS) over the layer's blocks, handed over head by head. */
  private float[] attend(
      RaggedAttention attention, RandomLayer layer, int from, int[] positions, float[] bias) {
    layer.start(attention, from, TOKENS);
    for (int head = 0; head < layer.shape.kvHeads(); head++) {
      for (int b = 0; b < layer.blocks.size(); b++) {
        page.memory(layer.blocks.get(b), layer.geometry, head)
            .rows(layer.held(b), positions, bias, layer.first(b));
        attention.addPage(head, page);
      }
    }
    float[] out = new float[(TOKENS - from) * layer.shape.queryHeads() * layer.shape.valueDim()];
    attention.finish(out, 0);
    return out;
  }

  private static int[] range(int count) {
    int[] positions = new int[count];
    Arrays.setAll(positions, i -> i);
    return positions;
  }

  /** Heads with different numbers of rows at random positions, some of them weighted. */
  private static final class Ragged {
    private static final int LAST = 400;
    private final LayerShape shape;
    private final RandomLayer memory;
    private final int[][] positions;
    private final float[][] bias;
    private final int[] rows;
    private final RowPage page = new RowPage();

    Ragged(SplittableRandom random, LayerShape shape, int blockTokens) {
      this.shape = shape;
      this.memory = new RandomLayer(random, shape, Dtype.F32, blockTokens, 300);
      this.positions = new int[shape.kvHeads()][];
      this.bias = new float[shape.kvHeads()][];
      this.rows = new int[shape.kvHeads()];
      for (int head = 0; head < shape.kvHeads(); head++) {
        rows[head] = 20 + random.nextInt(280);
        positions[head] = random.ints(rows[head] - 10, 0, LAST - 10).sorted().toArray();
        positions[head] = Arrays.copyOf(positions[head], rows[head]);
        for (int i = 0; i < 10; i++) {
          positions[head][rows[head] - 10 + i] = LAST - 10 + i;
        }
        bias[head] = RandomLayer.gaussian(random, rows[head], 1);
      }
    }

    float[] attend(RaggedAttention attention, int tokens) {
      float[] out = new float[tokens * shape.queryHeads() * shape.valueDim()];
      attend(attention, tokens, out);
      return out;
    }

    void attend(RaggedAttention attention, int tokens, float[] out) {
      attention.start(shape, memory.queries, 0, LAST - tokens, tokens);
      int span = memory.geometry.tokens();
      for (int head = 0; head < shape.kvHeads(); head++) {
        for (int at = 0; at < rows[head]; at += span) {
          page.memory(memory.blocks.get(at / span), memory.geometry, head)
              .rows(Math.min(span, rows[head] - at), positions[head], bias[head], at);
          attention.addPage(head, page);
        }
      }
      attention.finish(out, 0);
    }

    double[] reference(int tokens) {
      double[] out = new double[tokens * shape.queryHeads() * shape.valueDim()];
      for (int t = 0; t < tokens; t++) {
        for (int head = 0; head < shape.queryHeads(); head++) {
          int to = (t * shape.queryHeads() + head) * shape.valueDim();
          attend(LAST - tokens + t, t, head, out, to);
        }
      }
      return out;
    }

    private void attend(int position, int t, int head, double[] out, int to) {
      int kvHead = shape.kvHeadOf(head);
      double sum = 0;
      for (int r = 0; r < rows[kvHead]; r++) {
        int at = positions[kvHead][r];
        if (at > position || at < shape.firstVisible(position)) {
          continue;
        }
        double weight = Math.exp(memory.logit(t, head, r) + bias[kvHead][r]);
        sum += weight;
        float[] value = memory.row(r, head, false);
        for (int i = 0; i < value.length; i++) {
          out[to + i] += weight * value[i];
        }
      }
      for (int i = 0; i < shape.valueDim(); i++) {
        out[to + i] /= sum;
      }
    }
  }
}
