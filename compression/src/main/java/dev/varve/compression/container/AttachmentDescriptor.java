package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The payload of the record that describes an attachment: length of the tensor i64, bytes of a
 * piece i32, bytes of the name u16, bytes of the type's name u16, dimensions i32; the dimensions
 * i64; name and type in UTF-8.
 */
final class AttachmentDescriptor {
  /** Uncompressed bytes of each piece but the last. */
  static final int PIECE_BYTES = 1 << 20;

  private static final int FRONT = 20;

  /** Longest description. */
  static final int MAX_BYTES =
      FRONT + Long.BYTES * Attachment.MAX_RANK + 2 * Attachment.MAX_NAME_BYTES;

  private static final int PIECE_OFFSET = 8;
  private static final int NAME_OFFSET = 12;
  private static final int DTYPE_OFFSET = 14;
  private static final int RANK_OFFSET = 16;

  private AttachmentDescriptor() {}

  static MemorySegment write(Attachment attachment) {
    byte[] name = MetadataWriter.utf8(attachment.name(), Attachment.MAX_NAME_BYTES);
    byte[] dtype = MetadataWriter.utf8(attachment.dtype(), Attachment.MAX_NAME_BYTES);
    byte[] front = new byte[FRONT + Long.BYTES * attachment.shape().size()];
    MemorySegment bytes = MemorySegment.ofArray(front);
    bytes.set(Layouts.LONG, 0, attachment.bytes());
    bytes.set(Layouts.INT, PIECE_OFFSET, PIECE_BYTES);
    bytes.set(Layouts.SHORT, NAME_OFFSET, (short) name.length);
    bytes.set(Layouts.SHORT, DTYPE_OFFSET, (short) dtype.length);
    bytes.set(Layouts.INT, RANK_OFFSET, attachment.shape().size());
    for (int i = 0; i < attachment.shape().size(); i++) {
      bytes.set(Layouts.LONG, FRONT + (long) Long.BYTES * i, attachment.shape().get(i));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(front);
    all.writeBytes(name);
    all.writeBytes(dtype);
    return MemorySegment.ofArray(all.toByteArray());
  }

  static Attachment read(MemorySegment source) throws FaultException {
    ByteCursor cursor = new ByteCursor(source, "description of an attachment");
    long bytes = cursor.nextLong();
    int piece = cursor.nextInt();
    int name = cursor.nextShort();
    int dtype = cursor.nextShort();
    int rank = cursor.nextInt();
    if (bytes < 0 || piece != PIECE_BYTES || rank < 0 || rank > Attachment.MAX_RANK) {
      throw corrupt(
          "an attachment of %d bytes in pieces of %d with %d dimensions"
              .formatted(bytes, piece, rank));
    }
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      long length = cursor.nextLong();
      if (length < 0) {
        throw corrupt("dimension %d of an attachment is %d".formatted(i, length));
      }
      shape.add(length);
    }
    Attachment attachment =
        new Attachment(
            cursor.nextText(name, Attachment.MAX_NAME_BYTES),
            cursor.nextText(dtype, Attachment.MAX_NAME_BYTES),
            shape,
            bytes);
    cursor.end();
    return attachment;
  }

  /** Pieces of a tensor of so many bytes. */
  static long pieces(long bytes) {
    return (bytes + PIECE_BYTES - 1) / PIECE_BYTES;
  }

  /** Uncompressed bytes of piece {@code piece}, counted from 0. */
  static int pieceBytes(long bytes, long piece) {
    return (int) Math.min(PIECE_BYTES, bytes - piece * PIECE_BYTES);
  }
}
