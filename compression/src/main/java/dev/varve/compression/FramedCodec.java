package dev.varve.compression;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A {@link SectionCodec} for keys and one for values in the frame of {@link FrameDescriptor}. */
final class FramedCodec implements BlockCodec {
  private final Encoding encoding;
  private final BlockGeometry geometry;
  private final FramedSection keys;
  private final FramedSection values;

  FramedCodec(
      SectionFormat keyFormat,
      SectionFormat valueFormat,
      BlockGeometry geometry,
      RopeSpec rope,
      LayerTables tables,
      Backend backend) {
    this.encoding = Encoding.of(keyFormat.number(), valueFormat.number());
    this.geometry = geometry;
    this.keys = FramedSection.open(keyFormat, Section.KEYS, geometry, rope, tables, backend);
    this.values = FramedSection.open(valueFormat, Section.VALUES, geometry, rope, tables, backend);
  }

  @Override
  public Encoding encoding() {
    return encoding;
  }

  @Override
  public BlockGeometry geometry() {
    return geometry;
  }

  @Override
  public ErrorBound bound(Section section) {
    return part(section).codec().bound();
  }

  @Override
  public long maxBytes(int tokens) {
    long valueBytes = geometry.valueIsPrefixOfKey() ? 0 : values.maxPaddedBytes(tokens);
    return FrameDescriptor.HEADER_LENGTH + keys.maxPaddedBytes(tokens) + valueBytes;
  }

  @Override
  public EncodeResult encode(MemorySegment block, CodecContext context, MemorySegment target) {
    CodecChecks.encodable(geometry, block, context.tokens(), maxBytes(context.tokens()), target);
    long at = FrameDescriptor.HEADER_LENGTH;
    FrameHeader.Part keyPart;
    FrameHeader.Part valuePart = FrameHeader.Part.ABSENT;
    switch (keys.encode(block, context, target.asSlice(at))) {
      case FramedSection.Written.Refused(EncodeResult.Refused why) -> {
        return why;
      }
      case FramedSection.Written.Sound(FrameHeader.Part part) -> keyPart = part;
    }
    at += keyPart.paddedBytes();
    if (!geometry.valueIsPrefixOfKey()) {
      switch (values.encode(block, context, target.asSlice(at))) {
        case FramedSection.Written.Refused(EncodeResult.Refused why) -> {
          return why;
        }
        case FramedSection.Written.Sound(FrameHeader.Part part) -> valuePart = part;
      }
      at += valuePart.paddedBytes();
    }
    FrameDescriptor.write(header(context, keyPart, valuePart), target);
    return new Encoded(at);
  }

  @Override
  public DecodeResult decode(Section section, MemorySegment payload, MemorySegment block) {
    CodecChecks.decodable(geometry, section, block);
    return switch (new FrameCheck(encoding, geometry).read(payload)) {
      case FrameReading.Refused(DecodeResult.Refused why) -> why;
      case FrameReading.Sound(FrameHeader header) -> decode(section, header, payload, block);
    };
  }

  private DecodeResult decode(
      Section section, FrameHeader header, MemorySegment payload, MemorySegment block) {
    Optional<DecodeResult.Refused> refusal = FrameCheck.refusal(header, section, payload);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    MemorySegment bytes = payload.asSlice(header.offset(section), header.part(section).bytes());
    DecodeResult result = part(section).decode(header, bytes, block);
    return result instanceof Decoded ? new Decoded(header.tokens()) : result;
  }

  private FrameHeader header(
      CodecContext context, FrameHeader.Part keyPart, FrameHeader.Part valuePart) {
    return new FrameHeader(
        encoding,
        geometry.dtype().id(),
        context.tokens(),
        context.position(),
        geometry.kvHeads(),
        geometry.keyDim(),
        geometry.valueDim(),
        keyPart,
        valuePart);
  }

  private FramedSection part(Section section) {
    return section == Section.KEYS ? keys : values;
  }
}
