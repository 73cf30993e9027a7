package dev.varve.cli.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes the system forget its copies of files, so that the next read comes from the disk. */
final class PageCache {

  private static final int READ_ONLY = 0;
  private static final int DONT_NEED = 4;
  private static final Linker LINKER = Linker.nativeLinker();

  private final MethodHandle open;
  private final MethodHandle advise;
  private final MethodHandle close;

  private PageCache(MethodHandle open, MethodHandle advise, MethodHandle close) {
    this.open = open;
    this.advise = advise;
    this.close = close;
  }

  /** Linux's {@code posix_fadvise}; empty on other systems. */
  static Optional<PageCache> find() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return Optional.empty();
    }
    ValueLayout number = ValueLayout.JAVA_INT;
    ValueLayout size = ValueLayout.JAVA_LONG;
    return Optional.of(
        new PageCache(
            handle("open", FunctionDescriptor.of(number, ValueLayout.ADDRESS, number)),
            handle("posix_fadvise", FunctionDescriptor.of(number, number, size, size, number)),
            handle("close", FunctionDescriptor.of(number, number))));
  }

  @SuppressWarnings("restricted") // the launcher enables native access
  private static MethodHandle handle(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
  }

  /** Drops all files below {@code folder}; they must have been synced. */
  void dropAll(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      drop(file);
    }
  }

  private void drop(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int descriptor = (int) open.invokeExact(name, READ_ONLY);
      if (descriptor < 0) {
        throw new IOException(file + ": cannot be opened to drop it from the page cache");
      }
      int refused = (int) advise.invokeExact(descriptor, 0L, 0L, DONT_NEED);
      int ignored = (int) close.invokeExact(descriptor);
      if (refused != 0 || ignored != 0) {
        throw new IOException(file + ": cannot be dropped from the page cache: error " + refused);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the system cannot be asked to drop " + file, e);
    }
  }
}
