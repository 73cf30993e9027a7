package dev.varve.cli.llama;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.AtomicFile;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.lossless.LosslessSection;
import dev.varve.store.Digest256;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chunks of slot files by the SHA-256 of what they hold: equal chunks are one file, and a chunk
 * that is read is compared with its name. A file is {@code VSLC}, a version, and for each section
 * its length (negative where it is raw) and its bytes, little-endian. For one process at a time.
 */
final class SlotChunks {

  /** Tokens of a chunk. */
  static final int TOKENS = 128;

  private static final int MAGIC = 0x434C5356;
  private static final int VERSION = 1;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path folder;
  private final Backend backend;

  SlotChunks(Path folder, Backend backend) {
    this.folder = folder;
    this.backend = backend;
  }

  /** Bytes of {@code count} tokens of all sections. */
  static long bytes(List<SlotSection> sections, int count) {
    return sections.stream().mapToLong(section -> section.rowBytes() * count).sum();
  }

  /** Keeps a chunk of {@code count} tokens and returns its name. */
  String put(MemorySegment raw, List<SlotSection> sections, int count) throws IOException {
    String name = name(raw, sections, count);
    Path file = file(name);
    if (Files.exists(file)) {
      return name;
    }
    Files.createDirectories(folder);
    try (AtomicFile target = AtomicFile.create(file)) {
      target.write(0, word(MAGIC));
      target.write(Integer.BYTES, word(VERSION));
      long at = 2L * Integer.BYTES;
      long from = 0;
      for (SlotSection section : sections) {
        long length = section.rowBytes() * count;
        MemorySegment rows = raw.asSlice(from, length);
        MemorySegment encoded = encode(section, rows, count);
        boolean smaller = encoded.byteSize() < length;
        MemorySegment kept = smaller ? encoded : rows;
        int size = Math.toIntExact(kept.byteSize());
        target.write(at, word(smaller ? size : -size));
        target.write(at + Integer.BYTES, kept);
        at += Integer.BYTES + size;
        from += length;
      }
      target.commit();
    }
    return name;
  }

  private MemorySegment encode(SlotSection section, MemorySegment rows, int count) {
    LosslessSection codec = codec(section, count);
    byte[] room = new byte[Math.toIntExact(codec.maxBytes(count))];
    MemorySegment target = MemorySegment.ofArray(room);
    return target.asSlice(0, codec.encode(head -> rows, count, target));
  }

  private LosslessSection codec(SlotSection section, int count) {
    return new LosslessSection(section.kind(), 1, section.dim(), count, backend);
  }

  /**
   * Reads a chunk into {@code raw}.
   *
   * @throws CommandFailure if it is gone or damaged
   */
  void get(String name, MemorySegment raw, List<SlotSection> sections, int count)
      throws IOException {
    Path file = file(name);
    MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(file));
    try {
      if (bytes.get(INT, 0) != MAGIC || bytes.get(INT, Integer.BYTES) != VERSION) {
        throw damaged(file);
      }
      long at = 2L * Integer.BYTES;
      long to = 0;
      for (SlotSection section : sections) {
        int size = bytes.get(INT, at);
        MemorySegment kept = bytes.asSlice(at + Integer.BYTES, Math.abs((long) size));
        MemorySegment rows = raw.asSlice(to, section.rowBytes() * count);
        decode(section, kept, size < 0, rows, count, file);
        at += Integer.BYTES + kept.byteSize();
        to += rows.byteSize();
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw damaged(file);
    }
    if (!name(raw, sections, count).equals(name)) {
      throw damaged(file);
    }
  }

  private void decode(
      SlotSection section,
      MemorySegment kept,
      boolean raw,
      MemorySegment rows,
      int count,
      Path file) {
    if (raw) {
      rows.copyFrom(kept);
    } else if (codec(section, count).decode(kept, count, head -> rows)
        instanceof SymbolReading.Refused) {
      throw damaged(file);
    }
  }

  /** Removes the chunks that are not among {@code used}; returns how many. */
  int removeOthers(Set<String> used) throws IOException {
    int removed = 0;
    for (Path file : files()) {
      if (!used.contains(String.valueOf(file.getFileName()))) {
        Files.delete(file);
        removed++;
      }
    }
    return removed;
  }

  /** Bytes of one chunk's file; 0 if it is gone. */
  long fileBytes(String name) throws IOException {
    Path file = file(name);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private Path file(String name) {
    if (!name.matches("[0-9a-f]{64}")) {
      throw new CommandFailure(ExitCode.NO, folder + ": '" + name + "' names no chunk");
    }
    return folder.resolve(name);
  }

  private static String name(MemorySegment raw, List<SlotSection> sections, int count) {
    MessageDigest digest = Digest256.sha256();
    for (SlotSection section : sections) {
      digest.update(
          "%s %d %d;"
              .formatted(section.kind(), section.dim(), count)
              .getBytes(StandardCharsets.US_ASCII));
    }
    digest.update(raw.asByteBuffer());
    return Digest256.finish(digest).toString();
  }

  private static MemorySegment word(int value) {
    MemorySegment word = MemorySegment.ofArray(new byte[Integer.BYTES]);
    word.set(INT, 0, value);
    return word;
  }

  private static CommandFailure damaged(Path file) {
    return new CommandFailure(
        ExitCode.NO, file + ": is damaged: slot files that hold it cannot be restored");
  }
}
