package dev.varve.store.safetensors;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a safetensors file piece by piece. The bytes go to a temporary file beside the target,
 * readable by its owner only, which {@link #commit} renames: the target is the old file or the
 * whole new one, never a part. Closing without a commit leaves the target as it was. For one
 * thread.
 */
public final class SafetensorsWriter implements AutoCloseable {

  /** The data begin at a multiple of this many bytes. */
  public static final int ALIGNMENT = 64;

  private static final int PIECE_BYTES = 1 << 30;

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final Map<String, Cursor> cursors = new HashMap<>();

  private SafetensorsWriter(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Begins a file.
   *
   * @param metadata free text for the header
   * @param specs the tensors; their data are laid out widest element type first
   * @throws StoreException when the temporary file cannot be written
   */
  public static SafetensorsWriter create(
      Path target, Map<String, String> metadata, List<TensorSpec> specs) {
    Header header = layOut(metadata, specs);
    byte[] json = header.toJson(SafetensorsFile.PREFIX_BYTES, ALIGNMENT);
    if (json.length > SafetensorsFile.MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "the header takes %d bytes, at most %d are possible: write fewer tensors or less metadata"
              .formatted(json.length, SafetensorsFile.MAX_HEADER_BYTES));
    }
    try {
      Path folder = target.toAbsolutePath().getParent();
      Path temporary = Files.createTempFile(folder, target.getFileName() + ".", ".partial");
      FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
      SafetensorsWriter writer = new SafetensorsWriter(target, temporary, channel);
      writer.begin(header, json);
      return writer;
    } catch (IOException e) {
      throw new StoreException(target + ": cannot be written: " + e, e);
    }
  }

  /**
   * Appends little-endian elements to a tensor. Tensors may be written in any order and in pieces
   * of any size.
   */
  public void append(String name, MemorySegment piece) {
    Cursor cursor = cursors.get(name);
    if (cursor == null) {
      throw new IllegalArgumentException("'" + name + "' is not a tensor of this file");
    }
    if (piece.byteSize() > cursor.end - cursor.next) {
      throw new IllegalArgumentException(
          "tensor '%s' takes %d more bytes, given are %d"
              .formatted(name, cursor.end - cursor.next, piece.byteSize()));
    }
    try {
      for (long done = 0; done < piece.byteSize(); ) {
        long count = Math.min(PIECE_BYTES, piece.byteSize() - done);
        writeFully(piece.asSlice(done, count).asByteBuffer(), cursor.next);
        cursor.next += count;
        done += count;
      }
    } catch (IOException e) {
      throw new StoreException(target + ": cannot be written: " + e, e);
    }
  }

  /**
   * Puts the file in its place.
   *
   * @throws IllegalStateException when a tensor lacks bytes
   */
  public void commit() {
    for (Map.Entry<String, Cursor> entry : cursors.entrySet()) {
      Cursor cursor = entry.getValue();
      if (cursor.next != cursor.end) {
        throw new IllegalStateException(
            "%s: tensor '%s' lacks %d bytes"
                .formatted(target, entry.getKey(), cursor.end - cursor.next));
      }
    }
    try {
      channel.force(true);
      channel.close();
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StoreException(target + ": cannot be put in place: " + e, e);
    }
  }

  /** Drops what was not committed. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw new StoreException(temporary + ": cannot be removed: " + e, e);
    }
  }

  private static Header layOut(Map<String, String> metadata, List<TensorSpec> specs) {
    List<TensorSpec> sorted = new ArrayList<>(specs);
    sorted.sort(Comparator.comparingInt((TensorSpec spec) -> -spec.type().bytes()));
    List<Header.Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long next = 0;
    for (TensorSpec spec : sorted) {
      if (!names.add(spec.name())) {
        throw new IllegalArgumentException("two tensors are named '" + spec.name() + "'");
      }
      entries.add(new Header.Entry(spec, next, Math.addExact(next, spec.byteSize())));
      next += spec.byteSize();
    }
    return new Header(metadata, entries);
  }

  private void begin(Header header, byte[] json) throws IOException {
    ByteBuffer prefix =
        ByteBuffer.allocate(SafetensorsFile.PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long data = prefix.capacity() + (long) json.length;
    for (Header.Entry entry : header.entries()) {
      cursors.put(entry.spec().name(), new Cursor(data + entry.begin(), data + entry.end()));
    }
    try {
      writeFully(prefix.putLong(json.length).flip(), 0);
      writeFully(ByteBuffer.wrap(json), prefix.capacity());
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private void writeFully(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private static final class Cursor {
    private final long end;
    private long next;

    Cursor(long next, long end) {
      this.next = next;
      this.end = end;
    }
  }
}
