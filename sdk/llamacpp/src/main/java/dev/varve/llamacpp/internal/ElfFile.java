package dev.varve.llamacpp.internal;

import dev.varve.llamacpp.MissingLibraryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Checks a shared library before the linker maps it: a truncated one would end the process with a
 * bus error.
 */
final class ElfFile {

  private static final int MAGIC = 0x464C457F;
  private static final int HEADER = 64;
  private static final byte SIXTY_FOUR_BITS = 2;
  private static final int SHARED = 3;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ElfFile() {}

  /** Refuses what is not a whole shared library for {@code architecture}, as {@code os.arch}. */
  static void check(Path path, String architecture) {
    if (!Files.isRegularFile(path)) {
      throw new MissingLibraryException(path + ": no such file; a libllama.so is needed");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      check(path, file, architecture.equals("aarch64") ? AARCH64 : X86_64);
    } catch (IOException e) {
      throw new MissingLibraryException("%s: cannot be read: %s".formatted(path, e), e);
    }
  }

  private static void check(Path path, MemorySegment file, int machine) {
    if (file.byteSize() < HEADER || file.get(INT, 0) != MAGIC) {
      throw new MissingLibraryException(path + ": is no shared library of Linux (ELF)");
    }
    if (file.get(ValueLayout.JAVA_BYTE, 4) != SIXTY_FOUR_BITS
        || file.get(SHORT, 16) != SHARED
        || (file.get(SHORT, 18) & 0xFFFF) != machine) {
      throw new MissingLibraryException(path + ": is no shared library for this processor");
    }
    long programs = file.get(LONG, 32);
    int programBytes = file.get(SHORT, 54) & 0xFFFF;
    int programCount = file.get(SHORT, 56) & 0xFFFF;
    within(path, file, programs, (long) programBytes * programCount);
    for (int i = 0; i < programCount && programBytes >= 56; i++) {
      long at = programs + (long) i * programBytes;
      within(path, file, file.get(LONG, at + 8), file.get(LONG, at + 32));
    }
    long sections = file.get(LONG, 40);
    int sectionBytes = file.get(SHORT, 58) & 0xFFFF;
    within(path, file, sections, (long) sectionBytes * (file.get(SHORT, 60) & 0xFFFF));
  }

  private static void within(Path path, MemorySegment file, long offset, long bytes) {
    if (offset < 0 || bytes < 0 || offset > file.byteSize() - bytes) {
      throw new MissingLibraryException(
          "%s: is truncated: %d bytes at %d, the file ends at %d"
              .formatted(path, bytes, offset, file.byteSize()));
    }
  }
}
