package dev.varve.compression;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/** Gives a {@link FloatCodec} the elements of a block as floats, after a look for NaNs. */
public final class FloatSectionCodec implements SectionCodec {
  private static final int MAGNITUDE = 0x7fffffff;
  private static final int INFINITY = 0x7f800000;
  private static final float LARGEST_HALF = 65504f;
  private static final int LARGEST_HALF_BITS = 0x477fe000;

  private final SectionShape shape;
  private final FloatCodec codec;
  private final DtypeKernel kernel;
  private float[] values = {};

  public FloatSectionCodec(SectionShape shape, FloatCodec codec, Backend backend) {
    this.shape = shape;
    this.codec = codec;
    this.kernel = DtypeKernel.of(backend, shape.dtype());
  }

  @Override
  public int tokenGroup() {
    return codec.tokenGroup();
  }

  @Override
  public long maxBytes(int tokens) {
    return codec.maxBytes(tokens);
  }

  @Override
  public ErrorBound bound() {
    return codec.bound().roundedTo(shape.dtype());
  }

  @Override
  public EncodeResult encode(SectionRows rows, CodecContext context, MemorySegment target) {
    SectionFloats floats = floats(rows);
    rows.load(kernel, values);
    int count = shape.values(rows.tokens());
    return allFinite(values, count)
        ? codec.encode(floats, context, target)
        : notFinite(floats, rows.firstToken());
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionRows rows) {
    SectionFloats floats = floats(rows);
    DecodeResult result = codec.decode(source, floats);
    if (result instanceof Decoded) {
      int count = shape.values(rows.tokens());
      if (shape.dtype() == Dtype.F16 && largest(values, count) > LARGEST_HALF_BITS) {
        clamp(values, count);
      }
      rows.store(kernel, values);
    }
    return result;
  }

  private SectionFloats floats(SectionRows rows) {
    if (values.length == 0) {
      values = new float[shape.values(shape.blockTokens())];
    }
    return new SectionFloats(shape, rows.tokens(), rows.position(), rows.firstToken(), values);
  }

  /** A scale that was rounded up may carry the largest number beyond what a binary16 can hold. */
  private static void clamp(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = Math.min(Math.max(values[i], -LARGEST_HALF), LARGEST_HALF);
    }
  }

  private static boolean allFinite(float[] values, int count) {
    return largest(values, count) < INFINITY;
  }

  /** The largest magnitude, as the bits of a float, which ascend with it. */
  private static int largest(float[] values, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
    }
    return largest;
  }

  private EncodeResult notFinite(SectionFloats floats, int firstToken) {
    int i = 0;
    while (Float.isFinite(values[i])) {
      i++;
    }
    int row = i / shape.dim();
    return new EncodeResult.Refused(
        Cause.NOT_FINITE,
        "%s hold %s at head %d, token %d, element %d: keep this block raw or lossless"
            .formatted(
                shape.section(),
                values[i],
                row / floats.tokens(),
                firstToken + row % floats.tokens(),
                i % shape.dim()));
  }
}
