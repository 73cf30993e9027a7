package dev.varve.compression.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GridRowsTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static GridRows rows(int bits, int heads, int dim) {
    SectionShape shape =
        new SectionShape(Section.VALUES, heads, 128, dim, Dtype.F32, RopeSpec.none());
    return new GridRows("grid", bits, shape, Backend.SCALAR);
  }

  private static float[] back(GridRows rows, float[] row, float[] predicted) {
    MemorySegment bytes = Arena.ofAuto().allocate(rows.bytes(1));
    assertThat(rows.write(row, predicted, 0, 0, 1, bytes)).isTrue();
    float[] read = new float[row.length];
    assertThat(rows.read(bytes, 1, 0, predicted, 0, read)).isTrue();
    return read;
  }

  private static double squares(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += ((double) one[i] - other[i]) * ((double) one[i] - other[i]);
    }
    return sum;
  }

  /** The scale of least error takes a little off the grids' own errors, which are given here. */
  @ParameterizedTest
  @CsvSource({"2, 0.1076", "3, 0.0298", "4, 0.0077"})
  void errsOnNormalNumbersByWhatItsGridErrs(int bits, double expected) {
    GridRows rows = rows(bits, 8, 128);
    double error = 0;
    double all = 0;
    for (int i = 0; i < 40; i++) {
      float[] row = SyntheticKv.gaussian(random, 1024);
      error += squares(row, back(rows, row, new float[1024]));
      all += squares(row, new float[1024]);
    }
    assertThat(error / all).as("seed %d", seed).isCloseTo(expected, within(0.06 * expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void picksThePointThatAnExhaustiveSearchPicks(int bits) {
    PlaneGrid grid = PlaneGrid.of(bits);
    assertThat(grid.points()).isEqualTo(1 << (2 * bits));
    for (int i = 0; i < 2_000; i++) {
      float x = (float) (2 * random.nextGaussian());
      float y = (float) (2 * random.nextGaussian());
      int point = grid.nearest(x, y);
      double found = Math.hypot(x - grid.first(point), y - grid.second(point));
      for (int other = 0; other < grid.points(); other++) {
        assertThat(Math.hypot(x - grid.first(other), y - grid.second(other)))
            .as("seed %d: (%s, %s)", seed, x, y)
            .isGreaterThanOrEqualTo(found - 1e-5);
      }
    }
  }

  /** The same point, not one that is as near but for rounding. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void picksByItsRasterWhatItPicksOfAll(int bits) {
    PlaneGrid grid = PlaneGrid.of(bits);
    for (int i = 0; i < 200_000; i++) {
      float x = (float) (2 * random.nextGaussian());
      float y = i % 3 == 0 ? Math.round(8 * x) / 8f : (float) random.nextGaussian();
      assertThat(grid.nearest(x, y))
          .as("seed %d: (%s, %s)", seed, x, y)
          .isEqualTo(grid.nearestOfAll(x, y));
    }
    for (float edge : new float[] {5, -5, 4.9999995f, -4.9999995f, Float.NaN, 1e30f, 0}) {
      assertThat(grid.nearest(edge, 0.1f)).isEqualTo(grid.nearestOfAll(edge, 0.1f));
      assertThat(grid.nearest(0.1f, edge)).isEqualTo(grid.nearestOfAll(0.1f, edge));
    }
  }

  @Test
  void errsLessTheMoreBitsThereAre() {
    float[] row = SyntheticKv.gaussian(random, 256);
    double last = Double.POSITIVE_INFINITY;
    for (int bits = 2; bits <= 4; bits++) {
      double error = squares(row, back(rows(bits, 2, 128), row, new float[256]));
      assertThat(error).as("%d bits, seed %d", bits, seed).isLessThan(last);
      last = error;
    }
  }

  @Test
  void writesNothingWhereThePredictionIsRight() {
    float[] row = SyntheticKv.gaussian(random, 128);
    assertThat(back(rows(2, 2, 64), row, row.clone())).isEqualTo(row);
  }

  @Test
  void ignoresAPredictionThatMakesThingsWorse() {
    GridRows rows = rows(2, 2, 64);
    float[] row = SyntheticKv.gaussian(random, 128);
    float[] alone = back(rows, row, new float[128]);
    for (float bad : new float[] {50, Float.NaN, Float.POSITIVE_INFINITY, 3e38f}) {
      float[] prediction = new float[128];
      Arrays.fill(prediction, bad);
      assertThat(back(rows, row, prediction)).as("%s", bad).isEqualTo(alone);
    }
  }

  @Test
  void profitsFromAPredictionThatIsNearlyRight() {
    float[] row = SyntheticKv.gaussian(random, 128);
    float[] prediction = row.clone();
    for (int i = 0; i < row.length; i++) {
      prediction[i] += 0.1f * (float) random.nextGaussian();
    }
    GridRows rows = rows(2, 2, 64);
    double without = squares(row, back(rows, row, new float[128]));
    assertThat(squares(row, back(rows, row, prediction)))
        .as("seed %d", seed)
        .isLessThan(0.05 * without);
  }

  @Test
  void saysWhenAScaleIsBeyondItsType() {
    float[] row = new float[128];
    Arrays.fill(row, 1e6f);
    GridRows rows = rows(4, 2, 64);
    MemorySegment bytes = Arena.ofAuto().allocate(rows.bytes(1));
    assertThat(rows.write(row, new float[128], 0, 0, 1, bytes)).isFalse();
    bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) 0x7c00);
    assertThat(rows.read(bytes, 1, 0, new float[128], 0, row)).isFalse();
  }

  @Test
  void cutsRowsIntoPartsOfAPowerOfTwo() {
    assertThat(GridRows.part(128)).isEqualTo(128);
    assertThat(GridRows.part(640)).isEqualTo(128);
    assertThat(GridRows.part(4096)).isEqualTo(1024);
    assertThatThrownBy(() -> rows(2, 1, 20)).hasMessageContaining("20 elements", "multiple of 8");
  }
}
