package dev.varve.compression;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/** Gives a {@link FloatCodec} the elements of a block as floats, after a look for NaNs. */
public final class FloatSectionCodec implements SectionCodec {
  private static final float LARGEST_HALF = 65504f;

  private final SectionShape shape;
  private final FloatCodec codec;
  private final DtypeKernel kernel;
  private final QuantizeKernel ends;
  private final float[] range = new float[2];
  private float[] values = {};

  public FloatSectionCodec(SectionShape shape, FloatCodec codec, Backend backend) {
    this.shape = shape;
    this.codec = codec;
    this.kernel = DtypeKernel.of(backend, shape.dtype());
    this.ends = QuantizeKernel.of(backend);
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
    return within(Float.MAX_VALUE, count)
        ? codec.encode(floats, context, target)
        : notFinite(floats, rows.firstToken());
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionRows rows) {
    SectionFloats floats = floats(rows);
    DecodeResult result = codec.decode(source, floats);
    if (result instanceof Decoded) {
      int count = shape.values(rows.tokens());
      if (shape.dtype() == Dtype.F16 && !within(LARGEST_HALF, count)) {
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

  /** False for a NaN among them. */
  private boolean within(float most, int count) {
    if (count > 0) {
      ends.range(values, 0, count, range);
    }
    return count == 0 || (range[0] >= -most && range[1] <= most);
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
