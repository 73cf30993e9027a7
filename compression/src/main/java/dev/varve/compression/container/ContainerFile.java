package dev.varve.compression.container;

import dev.varve.compression.container.ContainerOpening.Opened;
import dev.varve.store.Digest256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A container, read through a memory mapping. Header, index and footer are checked when it is
 * opened, each record before its payload is handed out. Whatever the bytes are, the answers are
 * values; memory is taken by what the file really holds, never by what it claims.
 *
 * <p>For many threads at once. What it hands out is valid until {@link #close}; using it later
 * throws an {@link IllegalStateException}. A file that another process shortens meanwhile cannot be
 * guarded against: the JVM answers reads beyond its end with an {@link InternalError}.
 */
public final class ContainerFile implements AutoCloseable {
  private final Path path;
  private final Arena arena;
  private final MemorySegment file;
  private final long start;
  private final ContainerHeader header;
  private final Footer footer;
  private final ContainerIndex index;
  private final List<BlockEntry> blocks;
  private final int attachments;

  private ContainerFile(Path path, Arena arena, MemorySegment file) throws FaultException {
    this.path = path;
    this.arena = arena;
    this.file = file;
    FileHeader front = FileHeaderDescriptor.read(file);
    this.start = FileHeaderDescriptor.LENGTH + front.metadataBytes();
    this.header =
        MetadataReader.read(
            front, file.asSlice(FileHeaderDescriptor.LENGTH, front.metadataBytes()));
    this.footer = FooterDescriptor.read(file, start);
    this.index = ContainerIndex.read(file, header, start, footer);
    this.blocks = index.of(RecordKind.BLOCK).stream().map(RecordEntry::block).toList();
    List<RecordEntry> pieces = index.of(RecordKind.ATTACHMENT);
    this.attachments = pieces.isEmpty() ? 0 : pieces.getLast().key().group() + 1;
  }

  /**
   * Opens {@code path}.
   *
   * @throws IOException if there is no such file or it cannot be read
   */
  public static ContainerOpening open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + " is no file");
    }
    Arena arena = Arena.ofShared();
    @Nullable ContainerOpening opening = null;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      opening = over(path, arena, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
      return opening;
    } finally {
      if (!(opening instanceof Opened)) {
        arena.close();
      }
    }
  }

  /** A container over bytes that {@code arena} frees; frees nothing if they are refused. */
  static ContainerOpening over(Path path, Arena arena, MemorySegment file) {
    try {
      return new Opened(new ContainerFile(path, arena, file));
    } catch (FaultException e) {
      return new ContainerOpening.Refused(e.fault().in(String.valueOf(path)));
    }
  }

  public Path path() {
    return path;
  }

  /** Bytes of the whole file. */
  public long bytes() {
    return file.byteSize();
  }

  public ContainerHeader header() {
    return header;
  }

  /** All blocks, by layer, then chunk, then level. */
  public List<BlockEntry> blocks() {
    return blocks;
  }

  /** The block at {@code address}, if there is one. */
  public Optional<BlockEntry> find(BlockAddress address) {
    return index.find(RecordKey.of(address)).map(RecordEntry::block);
  }

  /** What keeps these blocks from being those of {@code model}; empty if nothing does. */
  public Optional<ContainerFault> mismatch(ModelIdentity model) {
    return header.model().fits(model)
        ? Optional.empty()
        : Optional.of(
            new ContainerFault(
                FaultKind.MODEL_MISMATCH,
                "%s is of model %s, expected %s".formatted(path, header.model(), model)));
  }

  /** The payload of {@code block}, after its checksum was found right. */
  public PayloadReading payload(BlockEntry block) {
    RecordKey key = RecordKey.of(block.address());
    Optional<RecordEntry> entry = index.find(key);
    if (entry.isEmpty() || !entry.get().block().equals(block)) {
      throw new IllegalArgumentException("%s is not of %s".formatted(block, path));
    }
    return payload(entry.get());
  }

  /**
   * CRC32C of {@code block} as it was before it was encoded, rows that it does not hold being zero;
   * nothing if the file does not tell, or its record is damaged.
   */
  public OptionalInt originalCrc(BlockEntry block) {
    return payload(block) instanceof PayloadReading.Sound
        ? RecordDescriptor.original(file, block.offset())
        : OptionalInt.empty();
  }

  /** The table set that blocks name by {@code id}, after its checksum was found right. */
  public TableReading tables(int id) {
    Optional<RecordEntry> entry = index.find(new RecordKey(RecordKind.TABLE_SET, 0, id, 0));
    if (entry.isEmpty()) {
      return new TableReading.Refused(
          new ContainerFault(
              FaultKind.TABLE_MISSING, "%s has no table set %d".formatted(path, id)));
    }
    return switch (payload(entry.get())) {
      case PayloadReading.Refused(ContainerFault fault) -> new TableReading.Refused(fault);
      case PayloadReading.Sound(MemorySegment bytes) -> tables(id, bytes);
    };
  }

  private TableReading tables(int id, MemorySegment payload) {
    Digest256 stored = Digest256.read(payload, 0);
    MemorySegment tables = payload.asSlice(Digest256.BYTES);
    MessageDigest sha256 = Digest256.sha256();
    sha256.update(tables.asByteBuffer());
    return Digest256.finish(sha256).equals(stored)
        ? new TableReading.Sound(new TableSet(id, stored, tables))
        : new TableReading.Refused(
            new ContainerFault(
                FaultKind.CORRUPT_PAYLOAD,
                "table set %d of %s has another SHA-256 than it says".formatted(id, path)));
  }

  /** How many attachments there are. */
  public int attachmentCount() {
    return attachments;
  }

  /**
   * Describes attachment {@code number}, counted from 0 in the order in which they were written.
   */
  public AttachmentReading attachment(int number) {
    if (number < 0 || number >= attachments) {
      throw new IllegalArgumentException(
          "there are %d attachments, not %d".formatted(attachments, number + 1));
    }
    RecordEntry entry =
        index.find(new RecordKey(RecordKind.ATTACHMENT, number, 0, 0)).orElseThrow();
    return switch (payload(entry)) {
      case PayloadReading.Refused(ContainerFault fault) -> new AttachmentReading.Refused(fault);
      case PayloadReading.Sound(MemorySegment bytes) -> describe(entry, bytes);
    };
  }

  private AttachmentReading describe(RecordEntry entry, MemorySegment bytes) {
    try {
      return new AttachmentReading.Sound(AttachmentDescriptor.read(bytes));
    } catch (FaultException e) {
      return new AttachmentReading.Refused(e.fault().in("%s: %s".formatted(path, entry.key())));
    }
  }

  /** The record {@code key}, if there is one. */
  Optional<RecordEntry> record(RecordKey key) {
    return index.find(key);
  }

  /** The payload of {@code entry} after its record was found sound. */
  PayloadReading payload(RecordEntry entry) {
    try {
      RecordDescriptor.check(entry, file);
      return new PayloadReading.Sound(file.asSlice(entry.payloadOffset(), entry.bytes()));
    } catch (FaultException e) {
      return new PayloadReading.Refused(e.fault().in("%s: %s".formatted(path, entry.key())));
    }
  }

  /**
   * Looks at every byte that opening did not look at: each record, and that nothing but zeros lies
   * between them.
   *
   * @param progress receives the number of bytes checked so far, again and again
   * @return one fault for each damaged record or gap, in the order of the file; none if all is
   *     sound
   */
  public List<ContainerFault> verify(LongConsumer progress) {
    List<ContainerFault> faults = new ArrayList<>();
    long at = start;
    for (RecordEntry entry : index.byOffset()) {
      gap(at, entry.offset(), faults);
      if (payload(entry) instanceof PayloadReading.Refused(ContainerFault fault)) {
        faults.add(fault);
      } else if (entry.key().kind() == RecordKind.TABLE_SET
          && tables(entry.key().part()) instanceof TableReading.Refused(ContainerFault fault)) {
        faults.add(fault);
      } else if (entry.tableSet() != 0 && record(tableKey(entry)).isEmpty()) {
        faults.add(missingTables(entry));
      }
      at = entry.end();
      progress.accept(at);
    }
    gap(at, footer.indexOffset(), faults);
    progress.accept(file.byteSize());
    return faults;
  }

  private static RecordKey tableKey(RecordEntry entry) {
    return new RecordKey(RecordKind.TABLE_SET, 0, entry.tableSet(), 0);
  }

  private ContainerFault missingTables(RecordEntry entry) {
    return new ContainerFault(
        FaultKind.TABLE_MISSING,
        "%s: %s needs table set %d, which is not there"
            .formatted(path, entry.key(), entry.tableSet()));
  }

  private void gap(long from, long to, List<ContainerFault> faults) {
    if (from > to) {
      faults.add(fault("records overlap at byte %d: %s".formatted(to, path)));
      return;
    }
    if (to - from >= header.alignment()) {
      faults.add(
          fault(
              "%d bytes from byte %d on belong to no record: %s".formatted(to - from, from, path)));
      return;
    }
    MemorySegment zeros = file.asSlice(from, to - from);
    for (long i = 0; i < zeros.byteSize(); i++) {
      if (zeros.get(Layouts.BYTE, i) != 0) {
        faults.add(fault("byte %d between records is not zero: %s".formatted(from + i, path)));
        return;
      }
    }
  }

  private static ContainerFault fault(String reason) {
    return new ContainerFault(FaultKind.CORRUPT_PAYLOAD, reason);
  }

  /** Ends the mapping; waits for nobody: a thread that still reads gets an exception. */
  @Override
  public void close() {
    arena.close();
  }
}
