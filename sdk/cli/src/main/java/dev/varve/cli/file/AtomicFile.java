package dev.varve.cli.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that appears as a whole or not at all. It grows under a temporary name beside the target,
 * for its owner only; the name is always the same, so that what a killed process left is taken over
 * by the next. Closing without a commit leaves the target as it was. For one thread.
 */
public final class AtomicFile implements AutoCloseable {

  private static final int PIECE_BYTES = 1 << 20;

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final FileLock lock;
  private boolean committed;

  private AtomicFile(Path target, Path temporary, FileChannel channel, FileLock lock) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.lock = lock;
  }

  /** The name under which {@code target} grows. */
  public static Path temporaryOf(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".partial");
  }

  /**
   * Begins a file.
   *
   * @throws IOException when it cannot be written, or another process writes it now
   */
  public static AtomicFile create(Path target) throws IOException {
    Path temporary = temporaryOf(target);
    FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            ownerOnly());
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException(target + ": is being written by this process already", e);
    }
    if (lock == null) {
      channel.close();
      throw new IOException(target + ": another process is writing it: wait until it ends");
    }
    channel.truncate(0);
    return new AtomicFile(target, temporary, channel, lock);
  }

  private static FileAttribute<?>[] ownerOnly() {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Writes {@code bytes} from byte {@code at} on. */
  public void write(long at, MemorySegment bytes) throws IOException {
    for (long done = 0; done < bytes.byteSize(); ) {
      long count = Math.min(PIECE_BYTES, bytes.byteSize() - done);
      ByteBuffer piece = bytes.asSlice(done, count).asByteBuffer();
      long position = at + done;
      try {
        while (piece.hasRemaining()) {
          position += channel.write(piece, position);
        }
      } catch (IOException e) {
        throw new IOException(
            "cannot write %s: %s, after %d bytes; nothing of it is kept: make room or write elsewhere"
                .formatted(target, e.getMessage(), position),
            e);
      }
      done += count;
    }
  }

  /** Reads back what was written, as much as {@code into} takes. */
  void read(long at, ByteBuffer into) throws IOException {
    long position = at;
    while (into.hasRemaining()) {
      int count = channel.read(into, position);
      if (count < 0) {
        throw new IOException(target + ": ends at byte " + position);
      }
      position += count;
    }
  }

  /** Bytes written so far. */
  long size() throws IOException {
    return channel.size();
  }

  /** Puts the file in its place, on the disk. */
  public void commit() throws IOException {
    channel.force(true);
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
  }

  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
    lock.release();
    channel.close();
  }
}
