package dev.varve.compression.vq;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Lengths;
import dev.varve.compression.rotation.Hadamard;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Head by head: {@code [dim]} means and {@code [tokens]} of two scales in binary16, then {@code
 * [tokens]} rows of {@code dim / 8} points, each with its signs behind it where there are two bits.
 * A row is {@code outer * mean + inner * rotatedBack(points)}. The tokens of a section are written
 * together: the means are theirs.
 */
final class NsnCodec implements EncodedRows {
  private static final float LARGEST_HALF = 65504f;

  /** Rows shorter than this are not stretched: what is left of them is rounding. */
  private static final double SHORTEST = 0x1p-24;

  private final NsnFormat format;
  private final SectionShape shape;
  private final Hadamard rotation;
  private final int dim;
  private final double rootDim;
  private final double[] sums;
  private final float[] means;
  private final float[] row;
  private final float[] outer;
  private final float[] closeness = new float[Codebook.POINTS];

  NsnCodec(NsnFormat format, SectionShape shape) {
    if (shape.dim() < Codebook.DIMENSIONS) {
      throw new IllegalArgumentException(
          "%s: rows of %d elements do not fill a point of %d"
              .formatted(format.name(), shape.dim(), Codebook.DIMENSIONS));
    }
    this.format = format;
    this.shape = shape;
    this.rotation = new Hadamard(shape.dim());
    this.dim = shape.dim();
    this.rootDim = Math.sqrt(dim);
    this.sums = new double[dim];
    this.means = new float[dim];
    this.row = new float[dim];
    this.outer = new float[shape.blockTokens()];
  }

  @Override
  public SectionShape shape() {
    return shape;
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return shape.heads() * headBytes(tokens);
  }

  /** Loose: what is left of a row without the mean may be twice as long, its points half again. */
  @Override
  public ErrorBound bound() {
    return new ErrorBound.OfSectionMean(3.25, 0x1p-12);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    for (int head = 0; head < shape.heads() && tokens > 0; head++) {
      for (int token = 0; token < tokens; token++) {
        if (!writeOuterScale(floats, head, token, target)) {
          return outOfRange(head, token);
        }
      }
      writeMeans(floats, head, target);
      for (int token = 0; token < tokens; token++) {
        if (!writeRow(floats, head, token, target)) {
          return outOfRange(head, token);
        }
      }
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  private EncodeResult outOfRange(int head, int token) {
    return new EncodeResult.Refused(
        Cause.OUT_OF_RANGE,
        "%s of head %d, token %d are too long, a 16-bit scale ends at 65504: keep them raw"
            .formatted(shape.section(), head, token));
  }

  /** False where the scale does not fit. */
  private boolean writeOuterScale(SectionFloats floats, int head, int token, MemorySegment target) {
    double scale = norm(floats.values(), floats.at(head, token)) / rootDim;
    long offset = scaleOffset(floats.tokens(), head, token);
    write((float) scale, target, offset);
    outer[token] = read(target, offset);
    return scale <= LARGEST_HALF;
  }

  private void writeMeans(SectionFloats floats, int head, MemorySegment target) {
    Arrays.fill(sums, 0);
    for (int token = 0; token < floats.tokens(); token++) {
      int at = floats.at(head, token);
      double inverse = outer[token] < SHORTEST ? 0 : 1.0 / outer[token];
      for (int j = 0; j < dim; j++) {
        sums[j] += floats.values()[at + j] * inverse;
      }
    }
    long offset = head * headBytes(floats.tokens());
    for (int j = 0; j < dim; j++) {
      write((float) (sums[j] / floats.tokens()), target, offset + (long) j * Short.BYTES);
      means[j] = read(target, offset + (long) j * Short.BYTES);
    }
  }

  /** False where the scale does not fit. */
  private boolean writeRow(SectionFloats floats, int head, int token, MemorySegment target) {
    int at = floats.at(head, token);
    for (int j = 0; j < dim; j++) {
      row[j] = floats.values()[at + j] - outer[token] * means[j];
    }
    double length = norm(row, 0) / rootDim;
    long scale = scaleOffset(floats.tokens(), head, token) + Short.BYTES;
    write((float) length, target, scale);
    float inverse = length < SHORTEST ? 0f : (float) (1 / length);
    for (int j = 0; j < dim; j++) {
      row[j] *= inverse;
    }
    rotation.rotate(row, 0);
    long offset = rowOffset(floats.tokens(), head, token);
    for (int j = 0; j < dim; j += Codebook.DIMENSIONS) {
      if (format.bits() == 2) {
        target.set(ValueLayout.JAVA_BYTE, offset + 1, takeSigns(j));
      }
      target.set(ValueLayout.JAVA_BYTE, offset, (byte) codebook().nearest(row, j, closeness));
      offset += format.bits();
    }
    return length <= LARGEST_HALF;
  }

  /** Makes eight elements positive and returns their signs, the first in the lowest bit. */
  private byte takeSigns(int at) {
    int signs = 0;
    for (int k = 0; k < Codebook.DIMENSIONS; k++) {
      signs |= row[at + k] < 0 ? 1 << k : 0;
      row[at + k] = Math.abs(row[at + k]);
    }
    return (byte) signs;
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token++) {
        decodeRow(source, tokens, head, token, floats.values(), floats.at(head, token));
      }
    }
    return new DecodeResult.Decoded(tokens);
  }

  @Override
  public void decodeRow(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    long offset = rowOffset(tokens, head, token);
    for (int j = 0; j < dim; j += Codebook.DIMENSIONS) {
      int point = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, offset));
      int signs = format.bits() == 2 ? source.get(ValueLayout.JAVA_BYTE, offset + 1) : 0;
      for (int k = 0; k < Codebook.DIMENSIONS; k++) {
        float element = codebook().element(point, k);
        values[at + j + k] = (signs >> k & 1) != 0 ? -element : element;
      }
      offset += format.bits();
    }
    rotation.rotateBack(values, at);
    float outerScale = read(source, scaleOffset(tokens, head, token));
    float innerScale = read(source, scaleOffset(tokens, head, token) + Short.BYTES);
    long meanOffset = head * headBytes(tokens);
    for (int j = 0; j < dim; j++) {
      float mean = read(source, meanOffset + (long) j * Short.BYTES);
      values[at + j] = outerScale * mean + innerScale * values[at + j];
    }
  }

  private Codebook codebook() {
    return format.bits() == 2 ? Codebook.MAGNITUDES : Codebook.NORMAL;
  }

  private double norm(float[] values, int at) {
    double sum = 0;
    for (int j = 0; j < dim; j++) {
      sum += (double) values[at + j] * values[at + j];
    }
    return Math.sqrt(sum);
  }

  private static void write(float value, MemorySegment target, long offset) {
    target.set(DtypeLayouts.SHORT, offset, Float.floatToFloat16(value));
  }

  private static float read(MemorySegment source, long offset) {
    return Float.float16ToFloat(source.get(DtypeLayouts.SHORT, offset));
  }

  private long headBytes(int tokens) {
    long rows = (long) tokens * (2 * Short.BYTES + dim * format.bits() / Byte.SIZE);
    return tokens == 0 ? 0 : (long) dim * Short.BYTES + rows;
  }

  private long scaleOffset(int tokens, int head, int token) {
    return head * headBytes(tokens) + (dim + 2L * token) * Short.BYTES;
  }

  private long rowOffset(int tokens, int head, int token) {
    long rowBytes = (long) dim * format.bits() / Byte.SIZE;
    return scaleOffset(tokens, head, tokens) + token * rowBytes;
  }
}
