package dev.varve.compression.calibrated;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.CodeRows;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/**
 * Keys by channel, before RoPE. {@code [tokens]} counts of outliers, u16; {@code [heads][tokens]}
 * packed rows; then the outliers, see {@link KeyOutliers}. A token depends on no other, so that
 * appending one gives the same bytes as encoding all.
 */
final class KvQuantKeys implements FloatCodec {
  private static final double ROUNDING = 1 + 0x1p-10;

  private final SectionShape shape;
  private final String name;
  private final int bits;
  private final Levels levels;
  private final float[] middles;
  private final float[] reaches;
  private final KeyTurn turn;
  private final KeyPairs pairs;
  private final KeyOutliers outliers;
  private final CodeRows rows;
  private final byte[] codes;
  private final float[] row;

  KvQuantKeys(int bits, SectionShape shape, LayerTables tables, Backend backend) {
    this.name = new KvQuantFormat(bits).name();
    this.shape = shape;
    this.bits = bits;
    this.levels = new Levels(tables.need(TableKind.levels(true, bits), 1 << bits, name), name);
    this.middles = tables.need(TableKind.KEY_MIDDLES, shape.channels(), name);
    this.reaches = tables.need(TableKind.KEY_REACHES, shape.channels(), name);
    for (int i = 0; i < reaches.length; i++) {
      if (!(reaches[i] >= 0)) {
        throw new IllegalArgumentException(
            "%s: the reach of channel %d is negative: %s".formatted(name, i, reaches[i]));
      }
    }
    this.pairs = pairs(shape);
    this.turn = new KeyTurn(shape);
    this.outliers = new KeyOutliers(shape, pairs);
    this.rows = new CodeRows(QuantizeKernel.of(backend), shape.dim(), bits);
    this.codes = new byte[shape.dim()];
    this.row = new float[shape.dim()];
  }

  /** Pairs that an outlier takes along: none where keys are stored before RoPE. */
  private static KeyPairs pairs(SectionShape shape) {
    RopeSpec rope = shape.rope();
    boolean turned = rope.stored() == RopeSpec.Stored.POST_ROPE;
    return KeyPairs.of(turned ? rope : RopeSpec.none(), shape.dim());
  }

  /** The most bytes that {@code tokens} tokens take. */
  static long maxBytes(int bits, SectionShape shape, int tokens) {
    KeyOutliers outliers = new KeyOutliers(shape, pairs(shape));
    return rowOffset(bits, shape, tokens, shape.heads(), 0) + outliers.maxBytes(tokens);
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return rowOffset(tokens, shape.heads(), 0) + outliers.maxBytes(tokens);
  }

  /** As far as the reaches say, whatever the numbers are: turning adds the errors of a pair. */
  @Override
  public ErrorBound bound() {
    double most = 0;
    for (int i = 0; i < reaches.length; i++) {
      int j = i % shape.dim();
      int partner = i - j + pairs.partner(j);
      most = Math.max(most, partner == i ? reaches[i] : Math.hypot(reaches[i], reaches[partner]));
    }
    double floor = most * levels.widest() * ROUNDING + ErrorBound.FLOOR;
    return new ErrorBound.OfGroupPeak(0x1p-19, floor);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    turn.prepare(floats.position());
    outliers.begin(target, rowOffset(tokens, shape.heads(), 0), tokens);
    for (int token = 0; token < tokens; token++) {
      int before = outliers.count();
      for (int head = 0; head < shape.heads(); head++) {
        int at = floats.at(head, token);
        System.arraycopy(floats.values(), at, row, 0, shape.dim());
        turn.back(row, 0, token);
        for (int j = 0; j < shape.dim(); j++) {
          int channel = head * shape.dim() + j;
          if (outside(channel, j)) {
            if (!outliers.write(floats.values(), at, head, j)) {
              return refused(tokens);
            }
          }
          codes[j] = (byte) levels.code(steps(channel, row[j]));
        }
        rows.pack(codes, target, rowOffset(tokens, head, token));
      }
      outliers.writeCount(token, outliers.count() - before);
    }
    return new EncodeResult.Encoded(outliers.end());
  }

  /** Whether the pair of which {@code j} is the first holds a number that is out of reach. */
  private boolean outside(int channel, int j) {
    int partner = pairs.partner(j);
    return partner >= j
        && (Math.abs(row[j] - middles[channel]) > reaches[channel]
            || Math.abs(row[partner] - middles[channel - j + partner])
                > reaches[channel - j + partner]);
  }

  private float steps(int channel, float number) {
    return reaches[channel] == 0 ? 0 : (number - middles[channel]) / reaches[channel];
  }

  private EncodeResult refused(int tokens) {
    return new EncodeResult.Refused(
        EncodeResult.Cause.OUT_OF_RANGE,
        ("more than %d of %d keys lie outside of the calibrated ranges: calibrate on text like"
                + " this, or keep this block lossless")
            .formatted(outliers.most(tokens), (long) tokens * outliers.units()));
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    long from = rowOffset(tokens, shape.heads(), 0);
    if (source.byteSize() < from || source.byteSize() > maxBytes(tokens)) {
      return corrupt(
          "%d bytes for %d tokens, must be %d to %d"
              .formatted(source.byteSize(), tokens, from, maxBytes(tokens)));
    }
    turn.prepare(floats.position());
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < shape.heads(); head++) {
        int at = floats.at(head, token);
        rows.unpack(source, rowOffset(tokens, head, token), codes);
        for (int j = 0; j < shape.dim(); j++) {
          int channel = head * shape.dim() + j;
          floats.values()[at + j] = middles[channel] + reaches[channel] * levels.level(codes[j]);
        }
        turn.forth(floats.values(), at, token);
      }
    }
    return outliers.read(source, from, floats)
        ? new DecodeResult.Decoded(tokens)
        : corrupt("the outliers are not as many as it says, or not in order");
  }

  private DecodeResult.Refused corrupt(String reason) {
    return new DecodeResult.Refused(DecodeResult.Cause.CORRUPT, name + ": " + reason);
  }

  private long rowOffset(int tokens, int head, int token) {
    return rowOffset(bits, shape, tokens, head, token);
  }

  private static long rowOffset(int bits, SectionShape shape, int tokens, int head, int token) {
    long rowBytes = (long) shape.dim() * bits / Byte.SIZE;
    return (long) tokens * Short.BYTES + ((long) head * tokens + token) * rowBytes;
  }
}
