package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file system as the tier uses it; a test makes it fail. */
interface BlockFiles {

  /** Makes a file that must not exist yet. */
  BlockFile create(Path path) throws IOException;

  /** An existing file, opened at its first use. */
  BlockFile open(Path path) throws IOException;

  void delete(Path path) throws IOException;

  /** The real one. */
  BlockFiles DISK =
      new BlockFiles() {
        @Override
        public BlockFile create(Path path) throws IOException {
          Files.createFile(path);
          Path parent = path.toAbsolutePath().resolveSibling("");
          try (ChannelFile folder = new ChannelFile(parent, StandardOpenOption.READ)) {
            folder.force();
          }
          return open(path);
        }

        @Override
        public BlockFile open(Path path) {
          return new ChannelFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        @Override
        public void delete(Path path) throws IOException {
          Files.deleteIfExists(path);
        }
      };
}
