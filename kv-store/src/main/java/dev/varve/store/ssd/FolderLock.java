package dev.varve.store.ssd;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Sees to it that a folder belongs to one open store, in this process and among all. */
final class FolderLock implements AutoCloseable {

  private static final int LONGEST_PID = 32;

  /**
   * Folders locked by this process. Asked first, because the operating system drops a process's
   * lock when the process closes any channel to the file, that of a refused second attempt
   * included.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Locks an existing folder. */
  static FolderLock acquire(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (!OURS.add(real)) {
      throw held(folder, String.valueOf(ProcessHandle.current().pid()));
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              real.resolve("LOCK"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw held(folder, readPid(channel));
      }
      writePid(channel);
      locked = true;
      return new FolderLock(real, channel);
    } finally {
      if (!locked) {
        if (channel != null) {
          channel.close();
        }
        OURS.remove(real);
      }
    }
  }

  private static StoreException held(Path folder, String pid) {
    return new StoreException(
        "the store in "
            + folder
            + " is open in process "
            + pid
            + ": close it there, or use another folder");
  }

  private static String readPid(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST_PID);
    channel.read(bytes, 0);
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString().trim();
  }

  private static void writePid(FileChannel channel) throws IOException {
    String pid = ProcessHandle.current().pid() + "\n";
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      OURS.remove(folder);
    }
  }
}
