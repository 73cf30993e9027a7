package dev.varve.store.cuda;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jcuda.LibUtils;

/**
 * Puts a native library of JCuda where JCuda looks for it. Left to itself JCuda writes it to the
 * temporary folder under a fixed name without a care for others: a process that starts at the same
 * time maps half of a file and dies. Here the whole file is written under another name, and
 * renamed.
 */
final class NativeLibrary {
  private static final String VERSION = "-12.6.0";
  private static final String FOLDER = "/lib/";

  private NativeLibrary() {}

  /** The file name of a library of JCuda on this platform. */
  static String fileName(String library) {
    return LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library + VERSION));
  }

  /**
   * Makes {@code folder} hold the library, complete. A file that is there and has the right bytes
   * stays; any other is replaced, which does not disturb a process that has mapped it.
   *
   * @param name file name, as the resource has it
   * @return the file
   */
  static Path unpack(String name, Path folder) {
    Path target = folder.resolve(name);
    try (InputStream in = NativeLibrary.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new StoreException(
            "the library " + name + " is not on the class path: add jcuda-natives for this system");
      }
      byte[] bytes = in.readAllBytes();
      if (!same(target, bytes)) {
        Path fresh = Files.createTempFile(folder, name, ".part");
        try {
          Files.write(fresh, bytes);
          Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(fresh);
        }
      }
      return target;
    } catch (IOException | UncheckedIOException e) {
      throw new StoreException(
          "the library "
              + name
              + " cannot be unpacked into "
              + folder
              + ": let the JVM have another folder with -Djava.io.tmpdir",
          e);
    }
  }

  private static boolean same(Path file, byte[] bytes) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == bytes.length
        && Arrays.equals(Files.readAllBytes(file), bytes);
  }
}
