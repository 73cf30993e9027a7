package dev.varve.store.ssd;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The child process that looks at an index first: a damaged B-tree may end the process that maps
 * it. Says {@code sound}, the number of blocks and that of the last transaction, or ends in any
 * other way.
 */
final class IndexCheckMain {

  static final String SOUND = "sound ";

  private IndexCheckMain() {}

  /**
   * Checks an index.
   *
   * @param arguments its folder; then, if wanted, an empty folder to copy it to, without its list
   *     of free pages, which no check covers
   */
  public static void main(String[] arguments) throws IOException {
    try (BlockIndex index = BlockIndex.openToRead(Path.of(arguments[0]));
        OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      long blocks = new IndexAudit(index).run();
      if (arguments.length > 1) {
        index.copyTo(Path.of(arguments[1]));
      }
      out.write(
          (SOUND + blocks + " " + index.lastTransaction() + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
