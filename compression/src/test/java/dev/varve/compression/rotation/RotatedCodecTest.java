package dev.varve.compression.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DenseAttention;
import dev.varve.compression.RowAttention;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RotatedCodecTest {
  private static final int TOKENS = 128;
  private static final SectionShape SHAPE =
      new SectionShape(Section.VALUES, 2, TOKENS, 128, Dtype.F32, RopeSpec.none());

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static MemorySegment encode(RotatedCodec codec, float[] values) {
    MemorySegment section = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    SectionFloats floats = new SectionFloats(SHAPE, TOKENS, 0, values.clone());
    codec.encode(floats, CodecContext.of(TOKENS), section);
    return section;
  }

  private static float[] decode(RotatedCodec codec, MemorySegment section) {
    float[] values = new float[SHAPE.values(TOKENS)];
    codec.decode(section, new SectionFloats(SHAPE, TOKENS, 0, values));
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 64, 128, 256})
  void turnsBackWhatItTurnedAndKeepsTheLength(int dim) {
    Hadamard rotation = new Hadamard(dim);
    float[] row = SyntheticKv.gaussian(random, dim + 2);
    float[] turned = row.clone();
    rotation.rotate(turned, 1);
    assertThat(squares(turned, 1, dim) / squares(row, 1, dim)).isCloseTo(1, within(1e-5));
    rotation.rotateBack(turned, 1);
    for (int i = 0; i < row.length; i++) {
      assertThat(turned[i]).as("seed %d", seed).isCloseTo(row[i], within(1e-5f));
    }
  }

  private static double squares(float[] row, int at, int count) {
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      sum += (double) row[i] * row[i];
    }
    return sum;
  }

  /** Known distortion of the codebook, which one number out of the usual does not change. */
  @ParameterizedTest
  @CsvSource({"2, 0.1175", "3, 0.03454", "4, 0.009497"})
  void errsAsItsCodebookDoesOnNormalNumbersWhateverTheRow(int bits, double expected) {
    for (boolean peaked : new boolean[] {false, true}) {
      float[] before = SyntheticKv.gaussian(random, SHAPE.values(TOKENS));
      if (peaked) {
        for (int row = 0; row < 2 * TOKENS; row++) {
          before[row * 128 + 17] += 10;
        }
      }
      RotatedCodec codec = new RotatedCodec(new RotatedFormat(bits), SHAPE, Backend.SCALAR);
      float[] after = decode(codec, encode(codec, before));
      double error = 0;
      for (int row = 0; row < 2 * TOKENS; row++) {
        double norm = squares(before, row * 128, 128);
        for (int i = row * 128; i < (row + 1) * 128; i++) {
          error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]) / norm;
        }
        assertThat(squares(after, row * 128, 128) / norm)
            .as("the length comes back, seed %d", seed)
            .isCloseTo(1, within(0x1p-9));
      }
      assertThat(error / (2 * TOKENS))
          .as("seed %d", seed)
          .isCloseTo(expected, within(expected / 8));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void attendsAsOnItsDecodedRows(int bits) {
    RotatedCodec codec = new RotatedCodec(new RotatedFormat(bits), SHAPE, Backend.SCALAR);
    MemorySegment section = encode(codec, SyntheticKv.gaussian(random, SHAPE.values(TOKENS)));
    float[] decoded = decode(codec, section);
    DenseAttention.check(
        new RowAttention(codec), SHAPE, section, decoded, random, within(1e-4), "seed " + seed);
    assertThat(section.byteSize()).isEqualTo(2 * TOKENS * (2 + 16L * bits));
  }

  @Test
  void scalesWithItsInput() {
    RotatedCodec codec = new RotatedCodec(new RotatedFormat(3), SHAPE, Backend.SCALAR);
    float[] before = SyntheticKv.gaussian(random, SHAPE.values(TOKENS));
    float[] doubled = before.clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 4;
    }
    float[] after = decode(codec, encode(codec, before));
    float[] afterDoubled = decode(codec, encode(codec, doubled));
    for (int i = 0; i < after.length; i++) {
      assertThat(afterDoubled[i]).as("seed %d", seed).isEqualTo(4 * after[i]);
    }
  }

  @Test
  void refusesRowsThatAreNoPowerOfTwo() {
    assertThatThrownBy(() -> new Hadamard(96)).hasMessageContaining("96");
    assertThatThrownBy(() -> new RotatedFormat(5)).hasMessageContaining("5");
  }
}
