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

  PieceCodec(Backend backend) {
    this.backend = backend;
  }

  /** What came of writing a piece. */
  record Written(Encoding encoding, MemorySegment payload) {}

  /** Writes {@code piece} of an attachment of type {@code dtype}. */
  Written encode(MemorySegment piece, String dtype) {
    ElementKind kind = kind(dtype, piece.byteSize());
    LosslessSection section = section(kind);
    int elements = (int) piece.byteSize() / kind.bytes();
    MemorySegment target = Arena.ofAuto().allocate(section.maxBytes(elements));
    int bytes = section.encode(_ -> piece, elements, target);
    return bytes < piece.byteSize()
        ? new Written(LOSSLESS, target.asSlice(0, bytes))
        : new Written(Encoding.RAW, piece);
  }

  /** Reads a piece of {@code target}'s length. */
  void decode(Encoding encoding, MemorySegment payload, String dtype, MemorySegment target)
      throws FaultException {
    if (encoding.equals(Encoding.RAW)) {
      if (payload.byteSize() != target.byteSize()) {
        throw FaultException.corrupt(
            "a stored piece of %d bytes has %d".formatted(target.byteSize(), payload.byteSize()));
      }
      target.copyFrom(payload);
      return;
    }
    if (!encoding.equals(LOSSLESS)) {
      throw new FaultException(
          FaultKind.UNSUPPORTED_VERSION, "pieces in %s are not known".formatted(encoding));
    }
    ElementKind kind = kind(dtype, target.byteSize());
    int elements = (int) target.byteSize() / kind.bytes();
    SymbolReading reading = section(kind).decode(payload, elements, _ -> target);
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
