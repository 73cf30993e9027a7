package dev.varve.compression.container;

import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Reads the pieces of attachments. Holds a few MiB of scratch memory: for one thread at a time;
 * several may read one file.
 */
public final class AttachmentReader {
  /** Bytes of each piece but the last. */
  public static final int PIECE_BYTES = AttachmentDescriptor.PIECE_BYTES;

  private final ContainerFile file;
  private final PieceCodec codec;

  /** A reader of {@code file}, which must stay open. */
  public AttachmentReader(ContainerFile file, Backend backend) {
    this.file = file;
    this.codec = new PieceCodec(backend);
  }

  /**
   * Reads one piece.
   *
   * @param number the attachment, as in {@link ContainerFile#attachment}
   * @param piece counted from 0; piece {@code i} begins at byte {@code i * PIECE_BYTES} of the
   *     tensor
   * @param target exactly as long as the piece
   */
  public ContainerReading read(int number, long piece, MemorySegment target) {
    return switch (file.attachment(number)) {
      case AttachmentReading.Refused(ContainerFault fault) -> new ContainerReading.Refused(fault);
      case AttachmentReading.Sound(Attachment attachment) ->
          read(number, attachment, piece, target);
    };
  }

  /** Reads all pieces into {@code target}, which is exactly as long as the tensor. */
  public ContainerReading read(int number, MemorySegment target) {
    return switch (file.attachment(number)) {
      case AttachmentReading.Refused(ContainerFault fault) -> new ContainerReading.Refused(fault);
      case AttachmentReading.Sound(Attachment attachment) -> readAll(number, attachment, target);
    };
  }

  private ContainerReading readAll(int number, Attachment attachment, MemorySegment target) {
    if (target.byteSize() != attachment.bytes()) {
      throw new IllegalArgumentException(
          "the target has %d bytes, %s has %d"
              .formatted(target.byteSize(), attachment.name(), attachment.bytes()));
    }
    for (long piece = 0; piece < AttachmentDescriptor.pieces(attachment.bytes()); piece++) {
      int bytes = AttachmentDescriptor.pieceBytes(attachment.bytes(), piece);
      MemorySegment part = target.asSlice(piece * PIECE_BYTES, bytes);
      if (read(number, attachment, piece, part) instanceof ContainerReading.Refused refused) {
        return refused;
      }
    }
    return new ContainerReading.Read();
  }

  private ContainerReading read(
      int number, Attachment attachment, long piece, MemorySegment target) {
    long count = AttachmentDescriptor.pieces(attachment.bytes());
    if (piece < 0
        || piece >= count
        || target.byteSize() != AttachmentDescriptor.pieceBytes(attachment.bytes(), piece)) {
      throw new IllegalArgumentException(
          "%s has %d bytes in %d pieces: there is no piece %d of %d bytes"
              .formatted(attachment.name(), attachment.bytes(), count, piece, target.byteSize()));
    }
    Optional<RecordEntry> entry =
        piece < Integer.MAX_VALUE - 1
            ? file.record(new RecordKey(RecordKind.ATTACHMENT, number, (int) piece + 1, 0))
            : Optional.empty();
    String place = "%s: piece %d of %s".formatted(file.path(), piece, attachment.name());
    if (entry.isEmpty() || entry.get().held() != target.byteSize()) {
      return refused(
          new ContainerFault(FaultKind.TRUNCATED_INPUT, "is not there in its length").in(place));
    }
    return switch (file.payload(entry.get())) {
      case PayloadReading.Refused(ContainerFault fault) -> refused(fault);
      case PayloadReading.Sound(MemorySegment payload) ->
          decode(entry.get(), payload, attachment, target, place);
    };
  }

  private ContainerReading decode(
      RecordEntry entry,
      MemorySegment payload,
      Attachment attachment,
      MemorySegment target,
      String place) {
    try {
      codec.decode(entry.encoding(), payload, attachment.dtype(), target);
      return new ContainerReading.Read();
    } catch (FaultException e) {
      return refused(e.fault().in(place));
    }
  }

  private static ContainerReading refused(ContainerFault fault) {
    return new ContainerReading.Refused(fault);
  }
}
