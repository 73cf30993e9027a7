package dev.varve.compression.gear;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DecodeResult.Cause;
import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.EncodedAttention;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.RowAttention;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Lengths;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/**
 * One segment of {@link GearFormat}: the backbone's section, then {@link LowRank} for each head,
 * then the {@link Outliers}. Attention works on the factors and never forms their product.
 */
public final class GearCodec implements FloatCodec, EncodedAttention {
  private final GearFormat format;
  private final SectionShape shape;
  private final EncodedRows backbone;
  private final LowRank lowRank;
  private final Outliers outliers;
  private float[] original = {};

  GearCodec(GearFormat format, SectionShape shape, Backend backend) {
    this.format = format;
    this.shape = shape;
    this.backbone = format.backbone().format(shape.section(), format.bits()).codec(shape, backend);
    this.lowRank = new LowRank(shape, format.rank());
    this.outliers = new Outliers(shape);
  }

  @Override
  public int tokenGroup() {
    return backbone.tokenGroup();
  }

  @Override
  public long maxBytes(int tokens) {
    return outlierOffset(tokens) + outliers.bytes(tokens, 2 * perSide(tokens));
  }

  /** The correction takes nothing away from the backbone, but may move error between elements. */
  @Override
  public ErrorBound bound() {
    return switch (backbone.bound()) {
      case ErrorBound.OfGroupPeak(double fraction, double floor) ->
          new ErrorBound.OfSectionMean(fraction, floor);
      case ErrorBound other -> other;
    };
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    int count = shape.values(tokens);
    allocate();
    System.arraycopy(floats.values(), 0, original, 0, count);
    int perSide = perSide(tokens);
    if (perSide > 0) {
      int length = GearFormat.vectorLength(shape, tokens);
      OutlierFilter filter = new OutlierFilter(length, perSide);
      outliers.extract(floats, filter, target, outlierOffset(tokens));
    }
    MemorySegment quantized = target.asSlice(0, backbone.maxBytes(tokens));
    if (backbone.encode(floats, context, quantized) instanceof EncodeResult.Refused refused) {
      return refused;
    }
    float[] error = floats.values();
    backbone.decode(quantized, floats);
    for (int i = 0; i < count; i++) {
      error[i] = original[i] - error[i];
    }
    outliers.visit(
        target,
        outlierOffset(tokens),
        tokens,
        2 * perSide,
        (head, token, channel, value) -> error[floats.at(head, token) + channel] = 0);
    for (int head = 0; head < shape.heads(); head++) {
      int at = floats.at(head, 0);
      if (!lowRank.write(error, at, tokens, target, lowRankOffset(tokens, head))) {
        return new EncodeResult.Refused(
            EncodeResult.Cause.OUT_OF_RANGE,
            "%s of head %d quantize with an error beyond 65504: keep this block raw"
                .formatted(shape.section(), head));
      }
    }
    return new Encoded(maxBytes(tokens));
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    DecodeResult result = backbone.decode(source.asSlice(0, backbone.maxBytes(tokens)), floats);
    if (!(result instanceof Decoded)) {
      return result;
    }
    float[] values = floats.values();
    for (int head = 0; head < shape.heads(); head++) {
      lowRank.read(source, lowRankOffset(tokens, head), tokens);
      for (int token = 0; token < tokens; token++) {
        lowRank.addRow(token, values, floats.at(head, token));
      }
    }
    boolean inside =
        outliers.visit(
            source,
            outlierOffset(tokens),
            tokens,
            2 * perSide(tokens),
            (head, token, channel, value) -> values[floats.at(head, token) + channel] = value);
    return inside
        ? result
        : new DecodeResult.Refused(
            Cause.CORRUPT, format.name() + ": an outlier lies outside of its vector");
  }

  @Override
  public void scores(MemorySegment source, int tokens, int head, float[] query, float[] scores) {
    new RowAttention(backbone).scores(source, tokens, head, query, scores);
    lowRank.read(source, lowRankOffset(tokens, head), tokens);
    lowRank.addScores(query, tokens, scores);
    float[] row = new float[shape.dim()];
    visit(
        source,
        tokens,
        head,
        (h, token, channel, value) -> {
          backbone.decodeRow(source, tokens, head, token, row, 0);
          float approximate = row[channel] + lowRank.element(token, channel);
          scores[token] += query[channel] * (value - approximate);
        });
  }

  @Override
  public void weightedSum(
      MemorySegment source, int tokens, int head, float[] weights, float[] out) {
    new RowAttention(backbone).weightedSum(source, tokens, head, weights, out);
    lowRank.read(source, lowRankOffset(tokens, head), tokens);
    lowRank.addWeightedSum(weights, tokens, out);
    float[] row = new float[shape.dim()];
    visit(
        source,
        tokens,
        head,
        (h, token, channel, value) -> {
          backbone.decodeRow(source, tokens, head, token, row, 0);
          float approximate = row[channel] + lowRank.element(token, channel);
          out[channel] += weights[token] * (value - approximate);
        });
  }

  private void visit(MemorySegment source, int tokens, int wanted, Outliers.Visitor visitor) {
    outliers.visit(
        source,
        outlierOffset(tokens),
        tokens,
        2 * perSide(tokens),
        (head, token, channel, value) -> {
          if (head == wanted) {
            visitor.outlier(head, token, channel, value);
          }
        });
  }

  private void allocate() {
    if (original.length == 0) {
      original = new float[shape.values(shape.blockTokens())];
    }
  }

  private int perSide(int tokens) {
    return format.perSide(GearFormat.vectorLength(shape, tokens));
  }

  private long lowRankOffset(int tokens, int head) {
    return backbone.maxBytes(tokens) + head * lowRank.bytes(tokens);
  }

  private long outlierOffset(int tokens) {
    return lowRankOffset(tokens, shape.heads());
  }
}
