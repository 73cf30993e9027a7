package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DtypeKernelTest {
  private static final int[] COUNTS = {0, 1, 3, 7, 15, 16, 17, 31, 32, 33, 63, 65, 127, 128, 129};

  private static List<DtypeKernel> vectorKernels(Dtype dtype) {
    List<DtypeKernel> kernels = new ArrayList<>();
    kernels.add(DtypeKernel.of(Backend.VECTOR, dtype));
    LaneWidths.ALL.forEach(bits -> kernels.add(LaneWidths.dtype(bits, dtype)));
    return kernels;
  }

  @Test
  void loadsKernelsOfEveryLaneWidth() {
    for (int bits : LaneWidths.ALL) {
      assertThat(LaneWidths.reportedBits(bits)).isEqualTo(bits);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F16", "BF16"})
  void readsEverySixteenBitPatternAlikeOnBothBackends(Dtype dtype) {
    MemorySegment bytes = Arena.ofAuto().allocate(2L << 16);
    for (int bits = 0; bits < 1 << 16; bits++) {
      bytes.set(DtypeLayouts.SHORT, 2L * bits, (short) bits);
    }
    float[] expected = new float[1 << 16];
    DtypeKernel.of(Backend.SCALAR, dtype).load(bytes, 0, expected, 0, expected.length);
    for (DtypeKernel kernel : vectorKernels(dtype)) {
      float[] actual = new float[1 << 16];
      kernel.load(bytes, 0, actual, 0, actual.length);
      assertThat(actual).containsExactly(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesBackWhatWasStoredExactly(Dtype dtype) {
    MemorySegment bytes = Arena.ofAuto().allocate(8);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    float[] values = {
      0f, -0f, 1f, -1.5f, 0.25f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };
    for (float value : values) {
      float[] loaded = new float[1];
      kernel.store(new float[] {value}, 0, 1, bytes, 0);
      kernel.load(bytes, 0, loaded, 0, 1);
      assertThat(Float.floatToIntBits(loaded[0])).isEqualTo(Float.floatToIntBits(value));
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void readsAndWritesMemoryOfEveryKindAlike(Dtype dtype) {
    int count = 2 * 1024 + 37;
    float[] values = new float[count];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    long length = (long) count * dtype.bytes();
    MemorySegment expected = Arena.ofAuto().allocate(length);
    DtypeKernel.of(Backend.SCALAR, dtype).store(values, 0, count, expected, 0);
    float[] rounded = new float[count];
    DtypeKernel.of(Backend.SCALAR, dtype).load(expected, 0, rounded, 0, count);
    List<MemorySegment> kinds =
        List.of(
            Arena.ofAuto().allocate(length + 8),
            MemorySegment.ofArray(new byte[4 * count + 8]),
            MemorySegment.ofArray(new short[2 * count + 4]),
            MemorySegment.ofArray(new float[count + 2]),
            MemorySegment.ofBuffer(ByteBuffer.allocateDirect(4 * count + 8)));
    for (DtypeKernel kernel : vectorKernels(dtype)) {
      for (MemorySegment memory : kinds) {
        float[] loaded = new float[count];
        kernel.store(values, 0, count, memory, 5);
        kernel.load(memory, 5, loaded, 0, count);
        assertThat(memory.asSlice(5, length).mismatch(expected)).isEqualTo(-1);
        assertThat(loaded).containsExactly(rounded);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F16", "BF16"})
  void roundsToTheNearestAndTiesToEven(Dtype dtype) {
    // One step of the stored format above 1, in sixteenths.
    double step = dtype == Dtype.F16 ? 0x1p-10 : 0x1p-7;
    assertThat(stored(dtype, (float) (1 + 7 * step / 16))).isEqualTo(1f);
    assertThat(stored(dtype, (float) (1 + 8 * step / 16))).isEqualTo(1f);
    assertThat(stored(dtype, (float) (1 + 9 * step / 16))).isEqualTo((float) (1 + step));
    assertThat(stored(dtype, (float) (1 + 24 * step / 16))).isEqualTo((float) (1 + 2 * step));
    assertThat(stored(dtype, Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  private static float stored(Dtype dtype, float value) {
    MemorySegment bytes = Arena.ofAuto().allocate(2);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    float[] loaded = {value};
    kernel.store(loaded, 0, 1, bytes, 0);
    kernel.load(bytes, 0, loaded, 0, 1);
    return loaded[0];
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void storesTheSameBitsOnBothBackendsAtEverySizeAndPlace(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (DtypeKernel kernel : vectorKernels(dtype)) {
      for (int count : COUNTS) {
        float[] values = awkward(random, count + 5);
        MemorySegment expected = Arena.ofAuto().allocate(4L * count + 16);
        MemorySegment actual = Arena.ofAuto().allocate(4L * count + 16);
        DtypeKernel.of(Backend.SCALAR, dtype).store(values, 3, count, expected, 5);
        kernel.store(values, 3, count, actual, 5);
        float[] loaded = new float[count + 2];
        float[] judge = new float[count + 2];
        DtypeKernel.of(Backend.SCALAR, dtype).load(expected, 5, judge, 1, count);
        kernel.load(expected, 5, loaded, 1, count);
        assertThat(loaded).as("seed %d count %d", seed, count).containsExactly(judge);
        assertSameElements(dtype, expected, actual, count, seed);
      }
    }
  }

  /** Bits are equal, or both are NaN; the bytes around the elements are untouched. */
  private static void assertSameElements(
      Dtype dtype, MemorySegment expected, MemorySegment actual, int count, long seed) {
    MemorySegment a = expected.asSlice(5, (long) count * dtype.bytes());
    MemorySegment b = actual.asSlice(5, (long) count * dtype.bytes());
    float[] left = new float[1];
    float[] right = new float[1];
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, dtype);
    for (int i = 0; i < count; i++) {
      kernel.load(a, (long) i * dtype.bytes(), left, 0, 1);
      kernel.load(b, (long) i * dtype.bytes(), right, 0, 1);
      assertThat(Float.floatToIntBits(right[0]))
          .as("seed %d element %d of %d: %s and %s", seed, i, count, left[0], right[0])
          .isEqualTo(Float.floatToIntBits(left[0]));
    }
    a.fill((byte) 0);
    b.fill((byte) 0);
    assertThat(actual.mismatch(expected)).as("seed %d", seed).isEqualTo(-1);
  }

  private static float[] awkward(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(8)) {
            case 0 -> Float.intBitsToFloat(random.nextInt());
            case 1 -> Float.NaN;
            case 2 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            case 3 -> (float) (random.nextGaussian() * 0x1p-24);
            case 4 -> (float) (random.nextGaussian() * 65504);
            default -> (float) random.nextGaussian();
          };
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void refusesRangesOutsideTheMemoryAndTheArray(Dtype dtype) {
    MemorySegment bytes = Arena.ofAuto().allocate(64L * dtype.bytes());
    for (Backend backend : Backend.values()) {
      DtypeKernel kernel = DtypeKernel.of(backend, dtype);
      assertThatThrownBy(() -> kernel.load(bytes, dtype.bytes(), new float[64], 0, 64))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.load(bytes, 0, new float[63], 0, 64))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.store(new float[64], 1, 64, bytes, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.store(new float[65], 0, 65, bytes, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
