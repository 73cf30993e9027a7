package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The records of a file in the order of their keys; each fits the header and lies in the file. */
final class ContainerIndex {
  private final List<RecordEntry> entries;

  private ContainerIndex(List<RecordEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads and checks all entries.
   *
   * @param start where the metadata end
   */
  static ContainerIndex read(MemorySegment file, ContainerHeader header, long start, Footer footer)
      throws FaultException {
    List<RecordEntry> entries = new ArrayList<>();
    for (long i = 0; i < footer.entries(); i++) {
      long at = footer.indexOffset() + i * EntryDescriptor.LENGTH;
      RecordEntry entry = EntryDescriptor.read(file, at);
      try {
        place(entry, header, start, footer.indexOffset());
        EntryChecks.check(entry, header);
        order(i == 0 ? null : entries.getLast(), entry);
      } catch (FaultException e) {
        throw new FaultException(e.fault().in("index entry %d".formatted(i)));
      }
      entries.add(entry);
    }
    return new ContainerIndex(Collections.unmodifiableList(entries));
  }

  private static void place(RecordEntry entry, ContainerHeader header, long start, long end)
      throws FaultException {
    long room = end - RecordDescriptor.HEADER_LENGTH;
    if (entry.offset() < start
        || entry.offset() > room
        || entry.offset() % header.alignment() != 0
        || entry.bytes() < 0
        || entry.bytes() > room - entry.offset()) {
      throw corrupt(
          "%s: %d bytes at byte %d do not lie between byte %d and byte %d at a multiple of %d"
              .formatted(
                  entry.key(), entry.bytes(), entry.offset(), start, end, header.alignment()));
    }
  }

  private static void order(@Nullable RecordEntry before, RecordEntry entry) throws FaultException {
    RecordKey key = entry.key();
    if (before != null && before.key().compareTo(key) >= 0) {
      throw corrupt("%s does not come after %s".formatted(key, before.key()));
    }
    if (key.kind() == RecordKind.ATTACHMENT && !follows(key, before)) {
      throw corrupt("%s comes without what should come before".formatted(key));
    }
  }

  /** Whether {@code key} is the next piece of an attachment, or begins the next attachment. */
  private static boolean follows(RecordKey key, @Nullable RecordEntry before) {
    if (before == null || before.key().kind() != RecordKind.ATTACHMENT) {
      return key.group() == 0 && key.part() == 0;
    }
    return key.part() == 0
        ? key.group() == before.key().group() + 1
        : key.group() == before.key().group() && key.part() == before.key().part() + 1;
  }

  List<RecordEntry> all() {
    return entries;
  }

  /** The entries of {@code kind}. */
  List<RecordEntry> of(RecordKind kind) {
    return entries.stream().filter(entry -> entry.key().kind() == kind).toList();
  }

  /** The entries in the order of the file. */
  List<RecordEntry> byOffset() {
    return entries.stream().sorted(Comparator.comparingLong(RecordEntry::offset)).toList();
  }

  Optional<RecordEntry> find(RecordKey key) {
    int low = 0;
    int high = entries.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = entries.get(middle).key().compareTo(key);
      if (order == 0) {
        return Optional.of(entries.get(middle));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }
}
