package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.compression.Section;
import dev.varve.compression.container.Attachment;
import dev.varve.compression.container.AttachmentReader;
import dev.varve.compression.container.AttachmentReading;
import dev.varve.compression.container.BlockAddress;
import dev.varve.compression.container.CodecSource;
import dev.varve.compression.container.ContainerDecoder;
import dev.varve.compression.container.ContainerFault;
import dev.varve.compression.container.ContainerFile;
import dev.varve.compression.container.ContainerHeader;
import dev.varve.compression.container.ContainerReading;
import dev.varve.compression.container.TokenIds;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A container, decoded block by block as it is read. */
public final class ContainerSource implements KvSource {

  private final ContainerFile file;
  private final Optional<Origin> origin;
  private final KvDescription description;
  private final KvLayout layout;
  private final Backend backend;
  private final Map<String, Integer> attachments = new HashMap<>();
  private final boolean layersDepend;
  private final Deque<Room> rooms = new ArrayDeque<>();

  private ContainerSource(ContainerFile file) {
    ContainerHeader header = file.header();
    this.file = file;
    this.layersDepend =
        file.blocks().stream().anyMatch(block -> block.info().dependsOn().isPresent());
    this.backend = Backends.choose(Optional.empty()).backend();
    String text = header.source().layout();
    this.origin = text.isEmpty() ? Optional.empty() : Optional.of(Origin.parse(text));
    this.description =
        new KvDescription(
            header.shape(),
            Math.toIntExact(header.tokens()),
            origin.isEmpty() || origin.get().complete(),
            header.model().name());
    this.layout =
        origin
            .map(Origin::layout)
            .orElseGet(() -> new SafetensorsKind().plan(description, KindOptions.NONE).layout())
            .checked(description);
    for (int number = 0; number < file.attachmentCount(); number++) {
      if (file.attachment(number) instanceof AttachmentReading.Sound(Attachment attachment)) {
        attachments.put(attachment.name(), number);
      }
    }
  }

  /** A source over {@code file}, which it closes. */
  static ContainerSource of(ContainerFile file) {
    try {
      return new ContainerSource(file);
    } catch (IllegalArgumentException e) {
      file.close();
      throw new CommandFailure(ExitCode.NO, file.path() + ": " + e.getMessage(), e);
    }
  }

  /** The container itself. */
  public ContainerFile file() {
    return file;
  }

  /** What the container was made from; nothing if it was not made from a file. */
  public Optional<Origin> origin() {
    return origin;
  }

  @Override
  public KvDescription description() {
    return description;
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public Optional<int[]> tokenIds() {
    return file.header().tokenIds().map(TokenIds::toArray);
  }

  @Override
  public int span() {
    return file.header().chunkTokens();
  }

  @Override
  public boolean layersDepend() {
    return layersDepend;
  }

  @Override
  public void read(int layer, Section section, Rows rows) {
    read(layer, section, 0, rows);
  }

  /** The same of the heads from {@code firstHead} on, as many as the rows have. */
  void read(int layer, Section section, int firstHead, Rows rows) {
    Room room = borrow(rows.first());
    room.read(layer, section, firstHead, rows);
    synchronized (rooms) {
      rooms.push(room);
    }
  }

  /** A room that last read the same tokens, for what it decoded is there still; else any. */
  private Room borrow(int first) {
    synchronized (rooms) {
      for (Room room : rooms) {
        if (room.first == first) {
          rooms.remove(room);
          return room;
        }
      }
      return rooms.isEmpty() ? new Room() : rooms.pop();
    }
  }

  @Override
  public MemorySegment opaque(Extent extent) {
    MemorySegment target = MemorySegment.ofArray(new byte[Math.toIntExact(extent.bytes())]);
    AttachmentReader reader = new AttachmentReader(file, backend);
    for (OpaquePieces.Piece piece : OpaquePieces.of(layout)) {
      long from = Math.max(extent.offset(), piece.extent().offset());
      long to = Math.min(extent.end(), piece.extent().end());
      if (from < to) {
        copy(reader, piece, new Extent(from, to - from), target, from - extent.offset());
      }
    }
    return target;
  }

  private void copy(
      AttachmentReader reader,
      OpaquePieces.Piece piece,
      Extent wanted,
      MemorySegment target,
      long at) {
    Integer number = attachments.get(piece.attachment().name());
    if (number == null) {
      throw damaged("attachment " + piece.attachment().name() + " is missing");
    }
    if (!(file.attachment(number) instanceof AttachmentReading.Sound(Attachment found))
        || !found.equals(piece.attachment())) {
      throw damaged("attachment " + piece.attachment().name() + " is of another length");
    }
    long size = AttachmentReader.PIECE_BYTES;
    for (long part = (wanted.offset() - piece.extent().offset()) / size;
        part * size < wanted.end() - piece.extent().offset();
        part++) {
      long begin = piece.extent().offset() + part * size;
      long bytes = Math.min(size, piece.extent().end() - begin);
      MemorySegment read = MemorySegment.ofArray(new byte[(int) bytes]);
      sound(reader.read(number, part, read));
      long from = Math.max(begin, wanted.offset());
      long to = Math.min(begin + bytes, wanted.end());
      MemorySegment.copy(read, from - begin, target, at + from - wanted.offset(), to - from);
    }
  }

  /** An attachment of that name as a whole, if there is one; for small ones. */
  public Optional<MemorySegment> attachment(String name) {
    Integer number = attachments.get(name);
    if (number == null
        || !(file.attachment(number) instanceof AttachmentReading.Sound(Attachment found))
        || found.bytes() > AttachmentReader.PIECE_BYTES) {
      return Optional.empty();
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) found.bytes()]);
    sound(new AttachmentReader(file, backend).read(number, bytes));
    return Optional.of(bytes);
  }

  private void sound(ContainerReading reading) {
    if (reading instanceof ContainerReading.Refused(ContainerFault fault)) {
      throw new CommandFailure(ExitCode.NO, fault.reason());
    }
  }

  private CommandFailure damaged(String what) {
    return new CommandFailure(ExitCode.NO, file.path() + ": " + what);
  }

  @Override
  public void close() {
    file.close();
  }

  /** What one thread needs to decode. */
  private final class Room {
    private final ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(backend));
    private MemorySegment block = MemorySegment.NULL;
    private int first;

    void read(int layer, Section section, int firstHead, Rows rows) {
      first = rows.first();
      BlockGeometry geometry = file.header().geometry(layer);
      if (block.byteSize() < geometry.bytes()) {
        block = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
      }
      for (int done = 0; done < rows.tokens(); ) {
        int chunk = (rows.first() + done) / span();
        int skip = rows.first() + done - chunk * span();
        int count = Math.min(rows.tokens() - done, span() - skip);
        var entry = file.find(BlockAddress.of(layer, chunk));
        if (entry.isEmpty()) {
          throw damaged("%s is missing".formatted(BlockAddress.of(layer, chunk)));
        }
        sound(decoder.decode(entry.get(), section, block));
        for (int head = 0; head < rows.heads(); head++) {
          long from =
              section == Section.KEYS
                  ? geometry.keyOffset(firstHead + head, skip)
                  : geometry.valueOffset(firstHead + head, skip);
          MemorySegment.copy(
              block,
              from,
              rows.memory(),
              rows.offset() + head * rows.headStride() + done * rows.rowBytes(),
              count * rows.rowBytes());
        }
        done += count;
      }
    }
  }
}
