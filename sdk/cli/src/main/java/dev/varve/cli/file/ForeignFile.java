package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A mapped file that somebody else wrote, little-endian. Every access is checked against the length
 * of the file and fails with a sentence that names it. Thread-safe.
 */
public final class ForeignFile {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final MemorySegment bytes;

  private ForeignFile(Path path, MemorySegment bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  /** Maps {@code path} until {@code arena} is closed. */
  public static ForeignFile map(Path path, Arena arena) throws IOException {
    if (Files.isDirectory(path)) {
      throw new CommandFailure(ExitCode.USAGE, path + ": is a folder, a file is needed");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new ForeignFile(path, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  public Path path() {
    return path;
  }

  /** Length in bytes. */
  public long size() {
    return bytes.byteSize();
  }

  /** A copy of the first bytes, at most {@code count}. */
  byte[] head(int count) {
    return bytes.asSlice(0, Math.min(count, size())).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Whether the file begins with these bytes. */
  boolean startsWith(int... magic) {
    if (size() < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, i) != (byte) magic[i]) {
        return false;
      }
    }
    return true;
  }

  int u8(long at, String what) {
    return Byte.toUnsignedInt(slice(at, Byte.BYTES, what).get(ValueLayout.JAVA_BYTE, 0));
  }

  int u16(long at, String what) {
    return u8(at, what) | u8(at + 1, what) << Byte.SIZE;
  }

  int i32(long at, String what) {
    return slice(at, Integer.BYTES, what).get(INT, 0);
  }

  long u32(long at, String what) {
    return Integer.toUnsignedLong(i32(at, what));
  }

  long i64(long at, String what) {
    return slice(at, Long.BYTES, what).get(LONG, 0);
  }

  String text(long at, int count, String what) {
    return new String(
        slice(at, count, what).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** The bytes of {@code what}; refuses the file where it is shorter. */
  MemorySegment slice(long at, long count, String what) {
    if (at < 0 || count < 0 || at > size() || count > size() - at) {
      throw refused(
          "%s takes %d bytes from byte %d on, the file has %d: it is truncated or damaged"
              .formatted(what, count, at, size()));
    }
    return bytes.asSlice(at, count);
  }

  /** Why the file cannot be read. */
  CommandFailure refused(String sentence) {
    return new CommandFailure(ExitCode.NO, path + ": " + sentence);
  }
}
