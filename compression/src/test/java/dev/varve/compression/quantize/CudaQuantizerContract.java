package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Dtype;
import dev.varve.store.cuda.CudaQuantizer;
import dev.varve.store.cuda.KernelDevice;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device quantizes to the same bits as the scalar kernel of the processor. */
abstract class CudaQuantizerContract {
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

  @ParameterizedTest
  @CsvSource({
    "F16,128,32,4,true",
    "F16,128,32,4,false",
    "BF16,128,128,8,false",
    "F32,64,16,8,true",
    "F32,96,32,4,false",
    "BF16,64,64,4,true"
  })
  void givesTheSameBitsAsTheProcessor(
      Dtype dtype, int columns, int group, int bits, boolean symmetric) {
    long seed = 17L * columns + bits;
    SplittableRandom random = new SplittableRandom(seed);
    int rows = 5;
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      // One row is all zeros and one group has a single value: scales of 0.
      boolean zero = i < columns || (i >= 2 * columns && i < 2 * columns + group);
      values[i] = zero ? (i < columns ? 0f : 3.25f) : (float) random.nextGaussian();
    }
    MemorySegment stored = MemorySegment.ofArray(new byte[values.length * dtype.bytes()]);
    DtypeKernel.of(Backend.SCALAR, dtype).store(values, 0, values.length, stored, 0);
    DtypeKernel.of(Backend.SCALAR, dtype).load(stored, 0, values, 0, values.length);

    CudaQuantizer.RowCodes form = new CudaQuantizer.RowCodes(columns, group, bits, symmetric);
    CudaQuantizer quantizer = new CudaQuantizer(device.kernels());
    long codes = device.space((long) rows * form.rowBytes());
    long parameters = device.space(2L * rows * form.parameters());
    long back = device.space(4L * values.length);
    quantizer.quantize(
        form, dtype, device.upload(stored), rows, codes, parameters, device.stream());
    quantizer.dequantize(form, codes, parameters, rows, back, device.stream());
    byte[] foundCodes = device.bytes(codes, rows * form.rowBytes());
    byte[] foundParameters = device.bytes(parameters, 2 * rows * form.parameters());
    float[] found = device.floats(back, values.length);

    QuantizeKernel judge = QuantizeKernel.of(Backend.SCALAR);
    AffineFit fit = new AffineFit(bits, symmetric);
    MemorySegment expectedCodes = MemorySegment.ofArray(new byte[foundCodes.length]);
    MemorySegment expectedParameters = MemorySegment.ofArray(new byte[foundParameters.length]);
    float[] expected = new float[values.length];
    byte[] row = new byte[columns];
    float[] range = new float[2];
    int parameter = 0;
    for (int r = 0; r < rows; r++) {
      for (int g = 0; g < columns / group; g++) {
        int at = r * columns + g * group;
        judge.range(values, at, group, range);
        assertThat(fit.fit(range[0], range[1])).isTrue();
        judge.quantize(values, at, group, fit.zero(), fit.inverse(), fit.top(), row, g * group);
        judge.dequantize(row, g * group, group, fit.zero(), fit.scale(), expected, at);
        expectedParameters.set(HALF, 2L * parameter++, Float.floatToFloat16(fit.scale()));
        if (!symmetric) {
          expectedParameters.set(HALF, 2L * parameter++, Float.floatToFloat16(fit.zero()));
        }
      }
      judge.pack(row, columns, bits, expectedCodes, (long) r * form.rowBytes());
    }
    assertThat(found).as("seed %d", seed).isEqualTo(expected);
    assertThat(foundCodes).isEqualTo(expectedCodes.toArray(ValueLayout.JAVA_BYTE));
    assertThat(foundParameters).isEqualTo(expectedParameters.toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void encodesAndDecodesFloatsOfEightBits() {
    SplittableRandom random = new SplittableRandom(4);
    float[] values = new float[1003];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    float[] edges = {0f, -0f, 448f, 464f, 1e30f, 0.001953125f, 0.0009765625f, 0.015625f, 17f};
    System.arraycopy(edges, 0, values, 0, edges.length);
    for (int i = 100; i < 600; i++) {
      values[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-12, 9)));
    }
    CudaQuantizer quantizer = new CudaQuantizer(device.kernels());
    long codes = device.space(values.length);
    quantizer.encodeFloat8(device.upload(values), values.length, codes, device.stream());
    byte[] found = device.bytes(codes, values.length);
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    long decoded = device.space(4 * 256);
    quantizer.decodeFloat8(device.upload(all), 256, decoded, device.stream());
    float[] numbers = device.floats(decoded, 256);
    for (int i = 0; i < values.length; i++) {
      assertThat(found[i]).as("code of %s", values[i]).isEqualTo(Float8.E4M3.encode(values[i]));
    }
    for (int i = 0; i < 256; i++) {
      Float expected = Float8.E4M3.decode((byte) i);
      assertThat(numbers[i]).as("code %d", i).isEqualTo(expected);
    }
  }

  @Test
  void addsTheProductOfTwoPanels() {
    SplittableRandom random = new SplittableRandom(6);
    int tokens = 7;
    int dim = 65;
    int rank = 3;
    float[] values = new float[tokens * dim];
    byte[] left = halves(random, tokens * rank);
    byte[] right = halves(random, dim * rank);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    long target = device.upload(values);
    new CudaQuantizer(device.kernels())
        .addLowRank(
            device.upload(left), device.upload(right), tokens, dim, rank, target, device.stream());
    float[] found = device.floats(target, values.length);
    for (int t = 0; t < tokens; t++) {
      for (int j = 0; j < dim; j++) {
        float sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += half(left, t * rank + k) * half(right, j * rank + k);
        }
        assertThat(found[t * dim + j]).isEqualTo(values[t * dim + j] + sum);
      }
    }
  }

  private static byte[] halves(SplittableRandom random, int count) {
    byte[] bytes = new byte[2 * count];
    for (int i = 0; i < count; i++) {
      short half = Float.floatToFloat16((float) random.nextGaussian());
      MemorySegment.ofArray(bytes).set(HALF, 2L * i, half);
    }
    return bytes;
  }

  private static float half(byte[] bytes, int index) {
    return Float.float16ToFloat(MemorySegment.ofArray(bytes).get(HALF, 2L * index));
  }
}
