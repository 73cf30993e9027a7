package dev.varve.compression;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.predicted.BlockInputs;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A {@link SectionCodec} for keys and one for values in the frame of {@link FrameDescriptor}. */
final class FramedCodec implements BlockCodec {
  private final Encoding encoding;
  private final BlockGeometry geometry;
  private final FramedSection keys;
  private final FramedSection values;
  private final Optional<BlockInputs> link;
  private MemorySegment decodedKeys = MemorySegment.NULL;

  /**
   * @param link takes the decoded keys before values are written or read, where these are predicted
   *     from them
   */
  FramedCodec(
      Encoding encoding,
      BlockGeometry geometry,
      FramedSection keys,
      FramedSection values,
      Optional<BlockInputs> link) {
    this.encoding = encoding;
    this.geometry = geometry;
    this.keys = keys;
    this.values = values;
    this.link = link;
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
      if (decodeKeys(header(context, keyPart, valuePart), target)
          instanceof DecodeResult.Refused(DecodeResult.Cause _, String reason)) {
        throw new IllegalStateException("keys that were just written cannot be read: " + reason);
      }
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
    if (section == Section.VALUES && link.isPresent()) {
      refusal = FrameCheck.refusal(header, Section.KEYS, payload);
      if (refusal.isPresent()) {
        return refusal.get();
      }
      if (decodeKeys(header, payload) instanceof DecodeResult.Refused why) {
        return why;
      }
    }
    DecodeResult result = part(section).decode(header, bytes(section, header, payload), block);
    return result instanceof Decoded ? new Decoded(header.tokens()) : result;
  }

  /** Hands the keys of a payload on, if anything is predicted from them. */
  private DecodeResult decodeKeys(FrameHeader header, MemorySegment payload) {
    if (link.isEmpty()) {
      return new Decoded(header.tokens());
    }
    if (decodedKeys.byteSize() == 0) {
      decodedKeys = Arena.ofAuto().allocate(geometry.keyBytes(), BlockGeometry.ALIGNMENT);
    }
    link.get().take(decodedKeys);
    return keys.decode(header, bytes(Section.KEYS, header, payload), decodedKeys);
  }

  private static MemorySegment bytes(Section section, FrameHeader header, MemorySegment payload) {
    return payload.asSlice(header.offset(section), header.part(section).bytes());
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
