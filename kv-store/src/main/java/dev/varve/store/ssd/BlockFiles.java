package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.file.Path;

/** The file system as the tier uses it; a test makes it fail or lose what was not forced. */
interface BlockFiles {

  /** Makes a file that must not exist yet. */
  BlockFile create(Path path) throws IOException;

  /** An existing file, opened at its first use. */
  BlockFile open(Path path) throws IOException;

  /** Gives a file that is not open another name in its folder. */
  void rename(Path from, Path to) throws IOException;

  void delete(Path path) throws IOException;

  /** Returns once creations, renames and deletions in {@code folder} are on the disk. */
  void forceFolder(Path folder) throws IOException;

  /** How reads and writes go to the disk, in a few words. */
  String mode();
}
