package dev.varve.store.safetensors;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A memory-mapped safetensors file: eight bytes of header length, a JSON header, the data. Opening
 * checks every offset, length, type and shape against the size of the file; nothing of the data is
 * read. See the format's description at github.com/huggingface/safetensors.
 */
public final class SafetensorsFile {

  /** Longest header that is read, in bytes. */
  public static final int MAX_HEADER_BYTES = 100_000_000;

  static final int PREFIX_BYTES = Long.BYTES;
  static final ValueLayout.OfLong PREFIX =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final Map<String, String> metadata;
  private final Map<String, Tensor> tensors;

  private SafetensorsFile(Path path, Header header, MemorySegment data) {
    this.path = path;
    this.metadata = Collections.unmodifiableMap(header.metadata());
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Header.Entry entry : header.entries()) {
      MemorySegment bytes = data.asSlice(entry.begin(), entry.spec().byteSize());
      byName.put(entry.spec().name(), new Tensor(entry.spec(), bytes));
    }
    this.tensors = Collections.unmodifiableMap(byName);
  }

  /**
   * Maps a file.
   *
   * @param arena owns the mapping: the tensors are valid until it is closed
   * @throws StoreException when the file cannot be read, is truncated, or is of another format
   */
  public static SafetensorsFile open(Path path, Arena arena) {
    MemorySegment file;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new StoreException(path + ": cannot be read: " + e, e);
    }
    if (file.byteSize() < PREFIX_BYTES) {
      throw new StoreException(
          "%s: a safetensors file begins with %d bytes of header length, this one has %d bytes"
              .formatted(path, PREFIX_BYTES, file.byteSize()));
    }
    long headerBytes = file.get(PREFIX, 0);
    long limit = Math.min(MAX_HEADER_BYTES, file.byteSize() - PREFIX_BYTES);
    if (headerBytes < 0 || headerBytes > limit) {
      throw new StoreException(
          ("%s: the safetensors header says it is %s bytes long, at most %d are possible here:"
                  + " the file is truncated or of another format")
              .formatted(path, Long.toUnsignedString(headerBytes), limit));
    }
    MemorySegment data = file.asSlice(PREFIX_BYTES + headerBytes);
    byte[] json = file.asSlice(PREFIX_BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    return new SafetensorsFile(path, Header.parse(path, json, data.byteSize()), data);
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Free text of the header; empty where there is none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors by name, in the order of their data. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * The tensor of that name.
   *
   * @throws StoreException when there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new StoreException(
          "%s: holds no tensor '%s' among its %d".formatted(path, name, tensors.size()));
    }
    return tensor;
  }
}
