package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Small files that are there in whole or not at all, whatever happens to the power. */
final class DurableFile {

  private DurableFile() {}

  /** Puts {@code text} into {@code file} by way of {@code temporary}, in the same folder. */
  static void write(Path file, Path temporary, String text) throws IOException {
    Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
    force(temporary);
    DiskFiles.BUFFERED.rename(temporary, file);
    DiskFiles.BUFFERED.forceFolder(file.toAbsolutePath().resolveSibling(""));
  }

  /** Returns once the content of {@code file} is on the disk. */
  static void force(Path file) throws IOException {
    try (ChannelFile open =
        new ChannelFile(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      open.force();
    }
  }
}
