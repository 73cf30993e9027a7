package dev.varve.compression.bitstream;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Header, means, references, low bits, escapes, symbols. The size of a section is reckoned with
 * references to earlier rows and without, and the smaller of the two is written.
 */
final class BitstreamCodec implements FloatCodec {
  /** The sums of a turn stay finite. */
  private static final float LARGEST = 0x1p126f;

  /** Smaller steps have no reciprocal. */
  private static final float SMALLEST_STEP = 0x1p-60f;

  private static final double ROUNDING = 1e-4;

  private final BitstreamFormat format;
  private final SectionShape shape;
  private final ChannelRows channelRows;
  private final References references;
  private final PredictedRows predicted;
  private final NumberWriter plain;
  private final NumberWriter referenced;
  private final NumberReader reader;

  BitstreamCodec(BitstreamFormat format, SectionShape shape, Backend backend) {
    int tokens = shape.blockTokens();
    int channels = shape.channels();
    this.format = format;
    this.shape = shape;
    this.channelRows = new ChannelRows(shape, backend);
    this.references = new References(tokens, backend);
    this.predicted = new PredictedRows(tokens, channels, backend);
    this.plain = new NumberWriter(tokens, channels, backend);
    this.referenced = new NumberWriter(tokens, channels, backend);
    this.reader = new NumberReader(tokens, channels, backend);
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return BitstreamLayout.maxBytes(shape, tokens);
  }

  /** Turning a pair back can put the errors of both elements into one. */
  @Override
  public ErrorBound bound() {
    double turned = shape.section() == Section.KEYS ? Math.sqrt(2) : 1;
    double steps = PredictedRows.LARGEST_ERROR * turned * format.step(shape.section());
    return new ErrorBound.OfGroupPeak(steps * 1.01 + ROUNDING, ErrorBound.FLOOR);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    if (tokens == 0) {
      return new EncodeResult.Encoded(0);
    }
    float peak = channelRows.load(floats);
    if (peak > LARGEST) {
      return new EncodeResult.Refused(
          Cause.OUT_OF_RANGE,
          "%s reach %s, this format ends at %s: keep this block raw or lossless"
              .formatted(shape.section(), peak, LARGEST));
    }
    float unit = channelRows.takeMeansOut(tokens);
    float deviation = channelRows.deviation(tokens);
    float step = Math.max(deviation * format.step(shape.section()), SMALLEST_STEP);
    references.none();
    NumberWriter best = plain;
    double bytes = plan(plain, false, tokens, step, unit);
    if (deviation > SMALLEST_STEP
        && references.search(channelRows.rows(), tokens, shape.channels(), deviation)) {
      double other = plan(referenced, true, tokens, step, unit);
      best = other + BitstreamLayout.referenceBytes(tokens) < bytes ? referenced : plain;
    }
    return new EncodeResult.Encoded(write(best, tokens, target));
  }

  /** About how many bytes the rows take in {@code writer}, references not counted. */
  private double plan(NumberWriter writer, boolean named, int tokens, float step, float unit) {
    int channels = shape.channels();
    int[] numbers = writer.numbers();
    int coded = predicted.quantize(channelRows.rows(), tokens, step, references, numbers);
    if (!named) {
      references.none();
      coded = tokens;
    }
    for (int token = 0, to = 0; token < tokens && coded < tokens; token++) {
      if (!references.isCopy(token)) {
        System.arraycopy(numbers, token * channels, numbers, to, channels);
        to += channels;
      }
    }
    return writer.plan(named, coded, step, unit);
  }

  private long write(NumberWriter writer, int tokens, MemorySegment target) {
    writer.layout().write(target);
    long at = BitstreamLayout.HEADER_LENGTH;
    at += put(channelRows.means(), target, at);
    if (writer.layout().referenced()) {
      at += put(references.bytes(tokens), target, at);
    }
    return at + writer.write(target, at);
  }

  private static int put(byte[] bytes, MemorySegment target, long at) {
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, at, bytes.length);
    return bytes.length;
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (tokens == 0) {
      return source.byteSize() == 0
          ? new DecodeResult.Decoded(0)
          : refused("%d bytes for no tokens".formatted(source.byteSize()));
    }
    Optional<BitstreamLayout> read = BitstreamLayout.read(source, tokens);
    if (read.isEmpty()) {
      return refused("the header describes no section of %d tokens".formatted(tokens));
    }
    BitstreamLayout layout = read.get();
    int channels = shape.channels();
    int referenceBytes = layout.referenced() ? BitstreamLayout.referenceBytes(tokens) : 0;
    long front = BitstreamLayout.HEADER_LENGTH + channels + (long) referenceBytes;
    if (source.byteSize() < front) {
      return refused("%d bytes, means and references take %d".formatted(source.byteSize(), front));
    }
    channelRows.readMeans(source.asSlice(BitstreamLayout.HEADER_LENGTH, channels));
    references.none();
    if (layout.referenced()) {
      MemorySegment bytes = source.asSlice(front - referenceBytes, referenceBytes);
      int coded = references.read(bytes.toArray(ValueLayout.JAVA_BYTE), tokens);
      if (coded != layout.rows()) {
        return refused("the references leave %d rows of %d".formatted(coded, layout.rows()));
      }
    }
    Optional<String> fault = reader.read(layout, source, front);
    if (fault.isPresent()) {
      return refused(fault.get());
    }
    predicted.add(tokens, references, reader.numbers());
    channelRows.store(predicted.decoded(), layout.unit(), floats);
    return new DecodeResult.Decoded(tokens);
  }

  private DecodeResult.Refused refused(String reason) {
    return new DecodeResult.Refused(DecodeResult.Cause.CORRUPT, format.name() + ": " + reason);
  }
}
