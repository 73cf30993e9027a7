package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.attention.RandomLayer.Options;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExactAttentionTest {

  private static List<LayerShape> shapes() {
    return List.of(
        RandomLayer.shape(4, 4, 16, 16),
        RandomLayer.shape(8, 2, 24, 13),
        RandomLayer.shape(3, 1, 1, 3),
        RandomLayer.shape(16, 1, 4, 4),
        new Options(0f, 20, false).shape(4, 2, 16, 16),
        new Options(0f, 1, false).shape(2, 1, 8, 8),
        new Options(0f, 64, false).shape(2, 1, 8, 8),
        new Options(3f, 0, false).shape(4, 2, 16, 16),
        new Options(0f, 0, true).shape(4, 1, 40, 32),
        new Options(3f, 37, true).shape(4, 2, 19, 7));
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void agreesWithTheDefinitionInDoublePrecision(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (LayerShape shape : shapes()) {
      RandomLayer layer = new RandomLayer(random, shape, dtype, 32, 75);
      Kernels.all()
          .forEach((name, kernel) -> {
            float[] out = layer.attend(new ExactAttention(kernel), 0, 75);
            for (int t = 0; t < 75; t++) {
              for (int head = 0; head < shape.queryHeads(); head++) {
                double[] expected = layer.reference(t, head);
                for (int i = 0; i < shape.valueDim(); i++) {
                  int at = (t * shape.queryHeads() + head) * shape.valueDim() + i;
                  assertThat((double) out[at])
                      .as("seed %d %s token %d head %d %s", seed, name, t, head, shape)
                      .isCloseTo(expected[i], within(2e-5));
                }
              }
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesTheSameBitsHoweverThePrefillIsChunked(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (LayerShape shape : shapes()) {
      RandomLayer layer = new RandomLayer(random, shape, dtype, 64, 150);
      Kernels.all()
          .forEach((name, kernel) -> {
            ExactAttention attention = new ExactAttention(kernel);
            float[] whole = layer.attend(attention, 0, 150);
            int width = shape.queryHeads() * shape.valueDim();
            for (int from = 0; from < 150; ) {
              int to = Math.min(150, from + 1 + random.nextInt(random.nextInt(1, 90)));
              assertThat(layer.attend(attention, from, to))
                  .as("seed %d %s tokens %d to %d of %s", seed, name, from, to, shape)
                  .containsExactly(Arrays.copyOfRange(whole, from * width, to * width));
              from = to;
            }
          });
    }
  }

  @Test
  void givesATokenAloneTheBitsThatItHasInAChunkOf128() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    LayerShape shape = RandomLayer.shape(8, 2, 64, 64);
    RandomLayer layer = new RandomLayer(random, shape, Dtype.F16, 128, 300);
    for (String name : List.of("scalar", "vector")) {
      ExactAttention attention = new ExactAttention(kernel(name));
      int width = shape.queryHeads() * shape.valueDim();
      float[] chunk = layer.attend(attention, 172, 300);
      for (int t = 172; t < 300; t++) {
        assertThat(layer.attend(attention, t, t + 1))
            .as("seed %d %s token %d", seed, name, t)
            .containsExactly(Arrays.copyOfRange(chunk, (t - 172) * width, (t - 171) * width));
      }
    }
  }

  /** The tokens of a block that came after the query must not change it, sealed or open. */
  @Test
  void givesTheSameBitsFromAnOpenBlockAndFromTheSealedOne() {
    SplittableRandom random = new SplittableRandom(11);
    LayerShape shape = RandomLayer.shape(4, 2, 48, 48);
    RandomLayer layer = new RandomLayer(random, shape, Dtype.BF16, 64, 128);
    for (String name : List.of("scalar", "vector")) {
      ExactAttention attention = new ExactAttention(kernel(name));
      float[] sealed = layer.attend(attention, 100, 101);
      layer.start(attention, 100, 101);
      attention.addBlock(layer.blocks.get(0), layer.geometry, 0, 64);
      attention.addBlock(layer.blocks.get(1), layer.geometry, 64, 37);
      float[] open = new float[sealed.length];
      attention.finish(open, 0);
      assertThat(open).as(name).containsExactly(sealed);
    }
  }

  @Test
  void readsGroupedHeadsLikeDuplicatedHeadsBitForBit() {
    long seed = System.nanoTime();
    RandomLayer grouped =
        new RandomLayer(
            new SplittableRandom(seed), RandomLayer.shape(6, 2, 24, 16), Dtype.F16, 32, 70);
    RandomLayer duplicated =
        new RandomLayer(
            new SplittableRandom(seed), RandomLayer.shape(6, 6, 24, 16), Dtype.F16, 32, 70);
    System.arraycopy(grouped.queries, 0, duplicated.queries, 0, grouped.queries.length);
    for (int b = 0; b < grouped.blocks.size(); b++) {
      for (int head = 0; head < 6; head++) {
        copyHead(grouped, head / 3, duplicated, head, b);
      }
    }
    Kernels.all()
        .forEach((name, kernel) ->
            assertThat(duplicated.attend(new ExactAttention(kernel), 0, 70))
                .as("seed %d %s", seed, name)
                .containsExactly(grouped.attend(new ExactAttention(kernel), 0, 70)));
  }

  private static void copyHead(RandomLayer from, int fromHead, RandomLayer to, int toHead, int b) {
    var source = from.geometry;
    var target = to.geometry;
    to.blocks
        .get(b)
        .asSlice(target.keyOffset(toHead, 0), 32 * target.keyRowBytes())
        .copyFrom(
            from.blocks.get(b).asSlice(source.keyOffset(fromHead, 0), 32 * source.keyRowBytes()));
    to.blocks
        .get(b)
        .asSlice(target.valueOffset(toHead, 0), 32 * target.valueRowBytes())
        .copyFrom(
            from.blocks
                .get(b)
                .asSlice(source.valueOffset(fromHead, 0), 32 * source.valueRowBytes()));
  }

  @Test
  void mergesPartialsOverDisjointBlocksIntoTheWhole() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    LayerShape shape = RandomLayer.shape(4, 2, 16, 8);
    RandomLayer layer = new RandomLayer(random, shape, Dtype.F32, 32, 150);
    ExactAttention attention = new ExactAttention(kernel("vector"));
    float[] whole = layer.attend(attention, 140, 150);
    Partial merged = new Partial(40, 8);
    Partial part = new Partial(40, 8);
    for (int b = 0; b < layer.blocks.size(); b++) {
      layer.start(attention, 140, 150);
      attention.addBlock(layer.blocks.get(b), layer.geometry, layer.first(b), layer.held(b));
      attention.finish(part);
      merged.merge(part);
    }
    for (int i = 0; i < whole.length; i++) {
      assertThat((double) merged.o()[i]).as("seed " + seed).isCloseTo(whole[i], within(1e-5));
    }
    assertThat((double) merged.lse()[39])
        .as("seed " + seed)
        .isCloseTo(layer.reference(149, 3)[8], within(1e-5));
  }

  private static AttentionKernel kernel(String name) {
    return Objects.requireNonNull(Kernels.all().get(name));
  }
}
