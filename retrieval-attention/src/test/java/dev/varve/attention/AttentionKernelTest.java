package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionKernelTest {
  private static final int[] ROWS = {1, 3, 17, 31, 32, 127, 128, 129};
  private static final int[] DIMS = {1, 3, 8, 13, 64, 80, 128, 192, 256, 576};
  private static final int[] QUERIES = {1, 2, 4, 7};

  private static final TileCase.Fill GAUSSIAN = random -> (float) random.nextGaussian();

  private static void agree(TileCase tile, double tolerance, String when) {
    float[] judge = tile.run(AttentionKernel.of(Backend.SCALAR));
    Kernels.vector()
        .forEach((name, kernel) -> {
          float[] actual = tile.run(kernel);
          for (int i = 0; i < judge.length; i++) {
            double allowed = tolerance * Math.max(1, Math.abs(judge[i]));
            assertThat(actual[i]).as("%s %s at %d", when, name, i).isFinite();
            assertThat((double) actual[i])
                .as("%s %s at %d", when, name, i)
                .isCloseTo(judge[i], within(allowed));
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void vectorAgreesWithScalarAtAwkwardSizes(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int rows : ROWS) {
      for (int dim : DIMS) {
        int valueDim = DIMS[random.nextInt(DIMS.length)];
        int queries = QUERIES[random.nextInt(QUERIES.length)];
        var size = new TileCase.Size(dtype, rows, dim, valueDim, queries);
        float scale = (float) (1 / Math.sqrt(dim));
        float cap = random.nextBoolean() ? 0 : 2;
        TileCase tile = new TileCase(random, size, GAUSSIAN, scale, cap);
        agree(tile, 2e-5, "seed " + seed + " " + size + " cap " + cap);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void vectorAgreesWithScalarOnExtremeValues(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int rows : new int[] {1, 17, 128}) {
      var size = new TileCase.Size(dtype, rows, 80, 13, 4);
      // Logits are multiples of 125 up to 1000, exact in every dtype and every order of addition.
      agree(
          new TileCase(random, size, r -> r.nextBoolean() ? 1 : -1, 12.5f, 0f),
          2e-4,
          "logits of +-1000, seed " + seed);
      agree(new TileCase(random, size, r -> 1, 12.5f, 0f), 1e-6, "constant rows of +1000");
      agree(new TileCase(random, size, r -> 1, -12.5f, 0f), 1e-6, "constant rows of -1000");
      agree(
          new TileCase(random, size, r -> (float) (r.nextGaussian() * 0x1p-20), 1f, 0f),
          1e-6,
          "denormal halves, seed " + seed);
      agree(
          new TileCase(random, size, r -> r.nextInt(1 << 23) * Float.MIN_VALUE, 1f, 0f),
          1e-6,
          "denormal floats, seed " + seed);
      agree(new TileCase(random, size, r -> 0, 1f, 0f), 1e-6, "zeros");
      agree(new TileCase(random, size, GAUSSIAN, 4f, 50f), 3e-4, "soft cap, seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesAQueryTheSameBitsWhateverSharesItsTile(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    Kernels.all()
        .forEach((name, kernel) -> {
          for (int dim : new int[] {3, 64, 80, 192}) {
            var size = new TileCase.Size(dtype, 1 + random.nextInt(140), dim, 77, 11);
            TileCase tile = new TileCase(random, size, GAUSSIAN, 0.1f, 0f);
            float[] together = tile.run(kernel);
            for (int q = 0; q < 11; q++) {
              int n = 1 + random.nextInt(11 - q);
              float[] apart = tile.run(kernel, q, n);
              String when = "seed " + seed + " " + name + " " + size + " query " + q;
              assertThat(Arrays.copyOf(apart, 77))
                  .as(when)
                  .containsExactly(Arrays.copyOfRange(together, q * 77, q * 77 + 77));
              assertThat(apart[n * 77]).as(when).isEqualTo(together[11 * 77 + q]);
            }
          }
        });
  }

  @Test
  void givesTheEmptyPartialForNoRows() {
    Kernels.all()
        .forEach((name, kernel) -> {
          var size = new TileCase.Size(Dtype.F16, 0, 8, 3, 2);
          TileCase tile = new TileCase(new SplittableRandom(1), size, GAUSSIAN, 1f, 0f);
          assertThat(tile.run(kernel))
              .as(name)
              .containsExactly(0, 0, 0, 0, 0, 0, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
        });
  }

  @Test
  void carriesANanToTheQueriesThatSeeIt() {
    Kernels.all()
        .forEach((name, kernel) -> {
          var size = new TileCase.Size(Dtype.BF16, 17, 8, 3, 5);
          TileCase tile = new TileCase(new SplittableRandom(1), size, GAUSSIAN, 1f, 0f);
          tile.queries[2 * 8 + 1] = Float.NaN;
          float[] results = tile.run(kernel);
          for (int q = 0; q < 5; q++) {
            assertThat(Float.isNaN(results[q * 3])).as(name + " query " + q).isEqualTo(q == 2);
            assertThat(Float.isNaN(results[15 + q])).as(name).isEqualTo(q == 2);
          }
        });
  }

  @Test
  void refusesTilesThatDoNotFitTheirMemory() {
    BlockGeometry geometry = new BlockGeometry(32, 2, 8, 8, Dtype.F16, false);
    MemorySegment block = Arena.ofAuto().allocate(geometry.bytes());
    AttentionTile tile = new AttentionTile();
    assertThatThrownBy(() -> tile.rows(block, 0, 0, 1)).hasMessageContaining("call shape() first");
    tile.shape(geometry, 1f, 0f);
    assertThatThrownBy(() -> tile.rows(block, 2, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tile.rows(block, 0, 1, 32))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tile.rows(block.asSlice(0, geometry.bytes() / 2), 1, 0, 32))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tile.queries(new float[31], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    tile.queries(new float[32], 0, 4);
    assertThatThrownBy(() -> tile.results(new float[31], 0, new float[4], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tile.results(new float[32], 0, new float[3], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tile.shape(geometry, Float.NaN, 0f)).hasMessageContaining("scale");
  }
}
