package dev.varve.compression.container;

import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.lossless.ElementKind;
import dev.varve.compression.lossless.LosslessFormat;
import dev.varve.compression.lossless.LosslessSection;
import dev.varve.store.Encoding;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes pieces of attachments: a {@link LosslessSection} of one head with rows of one element, or
 * the bytes as they are where that is not smaller. Holds a few MiB of scratch memory: for one
 * thread at a time.
 */
final class PieceCodec {
  /** In which smaller pieces are written. */
  static final Encoding LOSSLESS = Encoding.of(LosslessFormat.NUMBER, LosslessFormat.NUMBER);

  private final Backend backend;
  private final Map<ElementKind, LosslessSection> sections = new EnumMap<>(ElementKind.class);
  private MemorySegment target = MemorySegment.NULL;

  PieceCodec(Backend backend) {
    this.backend = backend;
  }

  /**
   * What came of writing a piece.
   *
   * @param payload the piece itself, or scratch memory: valid until the next piece
   */
  record Written(Encoding encoding, MemorySegment payload) {}

  /** Writes {@code piece} of an attachment of type {@code dtype}. */
  Written encode(MemorySegment piece, String dtype) {
    ElementKind kind = kind(dtype, piece.byteSize());
    LosslessSection section = section(kind);
    int elements = (int) piece.byteSize() / kind.bytes();
    long most = section.maxBytes(elements);
    if (target.byteSize() < most) {
      target = Arena.ofAuto().allocate(most);
    }
    int bytes = section.encode(_ -> piece, elements, target);
    return bytes < piece.byteSize()
        ? new Written(LOSSLESS, target.asSlice(0, bytes))
        : new Written(Encoding.RAW, piece);
  }

  /** Reads a piece of {@code room}'s length. */
  void decode(Encoding encoding, MemorySegment payload, String dtype, MemorySegment room)
      throws FaultException {
    if (encoding.equals(Encoding.RAW)) {
      if (payload.byteSize() != room.byteSize()) {
        throw FaultException.corrupt(
            "a stored piece of %d bytes has %d".formatted(room.byteSize(), payload.byteSize()));
      }
      room.copyFrom(payload);
      return;
    }
    if (!encoding.equals(LOSSLESS)) {
      throw new FaultException(
          FaultKind.UNSUPPORTED_VERSION, "pieces in %s are not known".formatted(encoding));
    }
    ElementKind kind = kind(dtype, room.byteSize());
    int elements = (int) room.byteSize() / kind.bytes();
    SymbolReading reading = section(kind).decode(payload, elements, _ -> room);
    if (reading instanceof SymbolReading.Refused(SymbolReading.Fault fault, String reason)) {
      throw FaultException.corrupt("lossless: %s, %s".formatted(fault, reason));
    }
  }

  private LosslessSection section(ElementKind kind) {
    return sections.computeIfAbsent(
        kind,
        _ ->
            new LosslessSection(
                kind, 1, 1, AttachmentDescriptor.PIECE_BYTES / kind.bytes(), backend));
  }

  private static ElementKind kind(String dtype, long bytes) {
    ElementKind kind =
        switch (dtype) {
          case "F32" -> ElementKind.F32;
          case "F16" -> ElementKind.F16;
          case "BF16" -> ElementKind.BF16;
          default -> ElementKind.BYTES;
        };
    return bytes % kind.bytes() == 0 ? kind : ElementKind.BYTES;
  }
}
