package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.SyntheticKv;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Both backends give the same bits at every size and place, ties and signed zeros included. */
class QuantizeKernelTest {
  private static final int[] COUNTS = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 96, 127, 128, 256};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final QuantizeKernel scalar = QuantizeKernel.of(Backend.SCALAR);
  private final QuantizeKernel vector = QuantizeKernel.of(Backend.VECTOR);

  /** Numbers of which many lie half-way between codes when the step is a power of two. */
  private float[] numbers(int count) {
    float[] numbers = SyntheticKv.gaussian(random, count);
    for (int i = 0; i < count; i++) {
      numbers[i] =
          switch (random.nextInt(4)) {
            case 0 -> Math.round(numbers[i] * 16) / 32f;
            case 1 -> random.nextBoolean() ? 0f : -0f;
            case 2 -> numbers[i] * 1000;
            default -> numbers[i];
          };
    }
    return numbers;
  }

  private byte[] codes(int count, int bits) {
    byte[] codes = new byte[count];
    for (int i = 0; i < count; i++) {
      codes[i] = (byte) random.nextInt(1 << bits);
    }
    return codes;
  }

  @Test
  void findsTheSameRanges() {
    for (int count : COUNTS) {
      float[] numbers = numbers(count + 5);
      float[] expected = new float[2];
      float[] actual = new float[2];
      scalar.range(numbers, 3, count, expected);
      vector.range(numbers, 3, count, actual);
      assertThat(actual).as("seed %d count %d", seed, count).containsExactly(expected);
      float[] lowest = numbers(count + 1);
      float[] highest = lowest.clone();
      float[] judgeLowest = lowest.clone();
      float[] judgeHighest = lowest.clone();
      scalar.widen(numbers, 3, count, judgeLowest, judgeHighest);
      vector.widen(numbers, 3, count, lowest, highest);
      assertThat(lowest).as("seed %d count %d", seed, count).containsExactly(judgeLowest);
      assertThat(highest).as("seed %d count %d", seed, count).containsExactly(judgeHighest);
    }
  }

  @Test
  void roundsToTheSameCodes() {
    for (int count : COUNTS) {
      for (int bits : new int[] {2, 4, 8}) {
        int top = (1 << bits) - 1;
        float[] numbers = numbers(count + 5);
        float zero = -top / 32f;
        byte[] expected = new byte[count + 4];
        byte[] actual = new byte[count + 4];
        scalar.quantize(numbers, 3, count, zero, 16f, top, expected, 2);
        vector.quantize(numbers, 3, count, zero, 16f, top, actual, 2);
        assertThat(actual).as("seed %d count %d", seed, count).containsExactly(expected);
        float[] zeros = numbers(count);
        float[] inverses = numbers(count);
        for (int i = 0; i < count; i++) {
          inverses[i] = Math.abs(inverses[i]);
        }
        scalar.quantizeEach(numbers, 3, count, zeros, inverses, top, expected);
        vector.quantizeEach(numbers, 3, count, zeros, inverses, top, actual);
        assertThat(actual).as("seed %d count %d", seed, count).containsExactly(expected);
      }
    }
  }

  @Test
  void givesTheSameNumbersBack() {
    for (int count : COUNTS) {
      byte[] codes = codes(count + 5, 8);
      float[] expected = new float[count + 4];
      float[] actual = new float[count + 4];
      scalar.dequantize(codes, 3, count, -1.7f, 0.013f, expected, 2);
      vector.dequantize(codes, 3, count, -1.7f, 0.013f, actual, 2);
      assertThat(actual).as("seed %d count %d", seed, count).containsExactly(expected);
      float[] zeros = numbers(count);
      float[] scales = numbers(count);
      scalar.dequantizeEach(codes, count, zeros, scales, expected, 4);
      vector.dequantizeEach(codes, count, zeros, scales, actual, 4);
      assertThat(actual).as("seed %d count %d", seed, count).containsExactly(expected);
    }
  }

  @Test
  void packsAndUnpacksAlike() {
    for (int bits : new int[] {1, 2, 4, 8}) {
      for (int count = 8 / bits; count <= 512; count += 8 / bits) {
        byte[] codes = codes(count, bits);
        long bytes = (long) count * bits / 8;
        MemorySegment expected = Arena.ofAuto().allocate(bytes + 6);
        MemorySegment actual = Arena.ofAuto().allocate(bytes + 6);
        scalar.pack(codes, count, bits, expected, 3);
        vector.pack(codes, count, bits, actual, 3);
        assertThat(actual.mismatch(expected)).as("seed %d count %d", seed, count).isEqualTo(-1);
        for (QuantizeKernel kernel : new QuantizeKernel[] {scalar, vector}) {
          byte[] unpacked = new byte[count];
          kernel.unpack(actual, 3, count, bits, unpacked);
          assertThat(unpacked).as("seed %d count %d", seed, count).containsExactly(codes);
        }
      }
    }
  }

  @Test
  void refusesRangesOutsideOfArraysAndMemory() {
    MemorySegment bytes = Arena.ofAuto().allocate(63);
    for (QuantizeKernel kernel : new QuantizeKernel[] {scalar, vector}) {
      assertThatThrownBy(() -> kernel.unpack(bytes, 0, 128, 4, new byte[128]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.unpack(bytes, 0, 64, 8, new byte[64]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.pack(new byte[127], 128, 4, bytes, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.quantize(new float[64], 1, 64, 0, 1, 15, new byte[64], 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> kernel.dequantize(new byte[64], 0, 64, 0, 1, new float[63], 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void packsManyRowsAsItPacksEach() {
    for (int bits : new int[] {2, 4, 8}) {
      for (int count : new int[] {16, 48, 128, 256}) {
        int rows = 5;
        byte[] codes = codes(rows * count, bits);
        MemorySegment expected = Arena.ofAuto().allocate((long) rows * count * bits / 8 + 4);
        MemorySegment actual = Arena.ofAuto().allocate(expected.byteSize());
        scalar.packRows(codes, rows, count, bits, expected, 2);
        vector.packRows(codes, rows, count, bits, actual, 2);
        assertThat(actual.mismatch(expected)).as("seed %d count %d", seed, count).isEqualTo(-1);
        for (QuantizeKernel kernel : new QuantizeKernel[] {scalar, vector}) {
          byte[] back = new byte[codes.length];
          kernel.unpackRows(actual, 2, rows, count, bits, back);
          assertThat(back).as("seed %d count %d", seed, count).containsExactly(codes);
        }
      }
    }
  }

  @Test
  void findsTheSamePeaks() {
    for (int group : new int[] {4, 16, 32, 64, 128}) {
      for (int groups : new int[] {1, 15, 16, 37}) {
        float[] numbers = numbers(groups * group + 3);
        float[] lowest = new float[groups];
        float[] highest = new float[groups];
        float[] judgeLowest = new float[groups];
        float[] judgeHighest = new float[groups];
        vector.peaks(numbers, 3, groups, group, lowest, highest);
        scalar.peaks(numbers, 3, groups, group, judgeLowest, judgeHighest);
        assertThat(highest).as("seed %d group %d", seed, group).containsExactly(judgeHighest);
        assertThat(lowest).as("seed %d group %d", seed, group).containsExactly(judgeLowest);
      }
    }
  }

  /** Numbers on binary16, just beside it, at the ends of its normal size and beyond them. */
  private float awkward() {
    float half = Float.float16ToFloat((short) random.nextInt(0x7c00));
    float number =
        switch (random.nextInt(7)) {
          case 0 -> half;
          case 1 -> Math.nextUp(half);
          case 2 -> Math.nextDown(half);
          case 3 -> half * 127;
          case 4 -> 0f;
          case 5 -> (float) random.nextGaussian() * 0x1p-13f;
          default -> (float) random.nextGaussian();
        };
    return random.nextBoolean() ? number : -number;
  }

  @Test
  void fitsTheSameScales() {
    int groups = 61;
    for (int round = 0; round < 3_000; round++) {
      for (int bits : new int[] {2, 4, 8}) {
        for (boolean symmetric : new boolean[] {true, false}) {
          float[] lowest = new float[groups];
          float[] highest = new float[groups];
          boolean tame = round % 2 == 0;
          for (int g = 0; g < groups; g++) {
            float one = tame ? (float) random.nextGaussian() : awkward();
            float other = tame ? (float) random.nextGaussian() : awkward();
            lowest[g] = Math.min(one, other);
            highest[g] = Math.max(one, other);
          }
          float[] judgeLowest = lowest.clone();
          float[] judgeHighest = highest.clone();
          short[] parameters = new short[2 * groups];
          short[] judge = new short[2 * groups];
          int fitted =
              new AffineFit(bits, symmetric).fitAll(vector, lowest, highest, groups, parameters);
          int judged =
              new AffineFit(bits, symmetric)
                  .fitAll(scalar, judgeLowest, judgeHighest, groups, judge);
          assertThat(fitted).as("seed %d", seed).isEqualTo(judged);
          assertThat(parameters).as("seed %d", seed).containsExactly(judge);
          assertThat(lowest).as("seed %d", seed).containsExactly(judgeLowest);
          assertThat(highest).as("seed %d", seed).containsExactly(judgeHighest);
        }
      }
    }
  }

  /** Some groups have only numbers of one sign or zeros of one, which may be ends as well. */
  @Test
  void findsTheSameRangesOfGroupsOfOneSign() {
    int group = 32;
    for (int groups : new int[] {1, 4, 15, 37, 64}) {
      float[] numbers = numbers(groups * group + 3);
      for (int g = 0; g < groups; g += 5) {
        for (int i = 3 + g * group; i < 3 + (g + 1) * group; i++) {
          float magnitude = Math.abs(numbers[i]);
          numbers[i] =
              switch (g / 5 % 5) {
                case 0 -> magnitude;
                case 1 -> -magnitude;
                case 2 -> 0f;
                case 3 -> -0f;
                default -> i % 2 == 0 ? 0f : -0f;
              };
        }
      }
      float[] lowest = new float[groups];
      float[] highest = new float[groups];
      vector.ranges(numbers, 3, groups, group, lowest, highest);
      for (int g = 0; g < groups; g++) {
        float[] range = new float[2];
        scalar.range(numbers, 3 + g * group, group, range);
        assertThat(new float[] {lowest[g], highest[g]})
            .as("seed %d group %d of %d", seed, g, groups)
            .containsExactly(range);
      }
    }
  }

  @Test
  void treatsManyGroupsAsItTreatsEach() {
    for (int group : new int[] {4, 16, 24, 32, 128}) {
      int groups = 37;
      float[] numbers = numbers(groups * group + 3);
      float[] lowest = new float[groups];
      float[] highest = new float[groups];
      vector.ranges(numbers, 3, groups, group, lowest, highest);
      byte[] codes = new byte[groups * group];
      float[] inverses = new float[groups];
      float[] scales = new float[groups];
      for (int g = 0; g < groups; g++) {
        float[] range = new float[2];
        scalar.range(numbers, 3 + g * group, group, range);
        assertThat(new float[] {lowest[g], highest[g]}).as("seed %d", seed).containsExactly(range);
        scales[g] = (range[1] - range[0]) / 15;
        inverses[g] = scales[g] == 0 ? 0 : 1 / scales[g];
      }
      vector.quantizeGroups(numbers, 3, groups, group, lowest, inverses, codes);
      float[] values = new float[groups * group + 1];
      vector.dequantizeGroups(codes, groups, group, lowest, scales, values, 1);
      byte[] judged = new byte[codes.length];
      float[] judge = new float[values.length];
      for (int g = 0; g < groups; g++) {
        int at = g * group;
        scalar.quantize(numbers, 3 + at, group, lowest[g], inverses[g], 15, judged, at);
        scalar.dequantize(judged, at, group, lowest[g], scales[g], judge, 1 + at);
      }
      assertThat(codes).as("seed %d group %d", seed, group).containsExactly(judged);
      assertThat(values).as("seed %d group %d", seed, group).containsExactly(judge);
    }
  }

  @Test
  void writesTheBytesThatClampedCodesHave() {
    for (int group : new int[] {4, 16, 24, 32, 64, 128}) {
      for (boolean symmetric : new boolean[] {true, false}) {
        int groups = 37;
        float[] numbers = numbers(groups * group + 3);
        Arrays.fill(numbers, 3, 3 + group, 0f);
        float[] zeros = new float[groups];
        float[] inverses = new float[groups];
        if (symmetric) {
          vector.peaks(numbers, 3, groups, group, zeros, inverses);
        } else {
          vector.ranges(numbers, 3, groups, group, zeros, inverses);
        }
        AffineFit fit = new AffineFit(8, symmetric);
        short[] parameters = new short[2 * groups];
        assertThat(fit.fitAll(scalar, zeros, inverses, groups, parameters)).isEqualTo(groups);
        byte[] judge = new byte[groups * group];
        for (int g = 0; g < groups; g++) {
          int from = g * group;
          scalar.quantize(numbers, 3 + from, group, zeros[g], inverses[g], fit.top(), judge, from);
        }
        float[] scales = new float[groups];
        for (int g = 0; g < groups; g++) {
          scales[g] = Float.float16ToFloat(parameters[symmetric ? g : 2 * g]);
        }
        float[] judgeValues = new float[groups * group + 1];
        scalar.dequantizeGroups(judge, groups, group, zeros, scales, judgeValues, 1);
        for (QuantizeKernel kernel : new QuantizeKernel[] {scalar, vector}) {
          String as = "seed %d group %d symmetric %s".formatted(seed, group, symmetric);
          MemorySegment bytes = Arena.ofAuto().allocate(judge.length + 5L);
          byte[] codes = new byte[judge.length];
          kernel.quantizeGroups(numbers, 3, groups, group, zeros, inverses, codes);
          kernel.packRows(codes, groups, group, 8, bytes, 2);
          MemorySegment framed = MemorySegment.ofArray(new byte[judge.length + 5]);
          MemorySegment.copy(judge, 0, framed, ValueLayout.JAVA_BYTE, 2, judge.length);
          assertThat(bytes.mismatch(framed)).as(as).isEqualTo(-1);
          float[] values = new float[judgeValues.length];
          kernel.readBytes(bytes, 2, groups, group, zeros, scales, values, 1);
          assertThat(values).as(as).containsExactly(judgeValues);
        }
      }
    }
  }
}
