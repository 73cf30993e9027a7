package dev.varve.compression.container;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a stopped writer left that can be gone on with: the header, and behind it, without gaps,
 * whole blocks that tell what they were made from.
 */
final class LeftOver {

  /** A block, where its record lies and the CRC of what it was made from. */
  record Block(RecordEntry entry, int originalCrc) {}

  private final List<Block> blocks = new ArrayList<>();
  private long end;

  private LeftOver() {}

  /**
   * Reads what is of use. Total: whatever the bytes are, the result is a value; what is damaged or
   * was cut off ends it.
   *
   * @param file all that was left
   * @param front header and metadata of the writer that would go on
   */
  static LeftOver read(MemorySegment file, MemorySegment front, ContainerHeader header) {
    LeftOver found = new LeftOver();
    if (file.byteSize() >= front.byteSize()
        && file.asSlice(0, front.byteSize()).mismatch(front) < 0) {
      found.end = front.byteSize();
      found.readBlocks(file, header);
    }
    return found;
  }

  private void readBlocks(MemorySegment file, ContainerHeader header) {
    Set<RecordKey> keys = new HashSet<>();
    long at = Layouts.aligned(end, header.alignment());
    while (at <= file.byteSize() - RecordDescriptor.HEADER_LENGTH) {
      try {
        RecordEntry entry = RecordDescriptor.read(file, at);
        OptionalInt original = RecordDescriptor.original(file, at);
        EntryChecks.check(entry, header);
        if (entry.key().kind() != RecordKind.BLOCK
            || original.isEmpty()
            || entry.offset() != at
            || entry.bytes() > file.byteSize() - entry.payloadOffset()
            || !zeros(file, end, at)
            || !keys.add(entry.key())) {
          return;
        }
        RecordDescriptor.check(entry, file);
        blocks.add(new Block(entry, original.getAsInt()));
      } catch (FaultException e) {
        return;
      }
      end = blocks.getLast().entry().end();
      at = Layouts.aligned(end, header.alignment());
    }
  }

  private static boolean zeros(MemorySegment file, long from, long to) {
    for (long at = from; at < to; at++) {
      if (file.get(Layouts.BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** In the order in which they were written. */
  List<Block> blocks() {
    return blocks;
  }

  /** Bytes of use; 0 if not even the header is. */
  long end() {
    return end;
  }
}
