package dev.varve.compression.container;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written from front to back under another name beside its target and appears as the
 * target all at once, or never. For one thread at a time.
 */
final class PartialFile implements AutoCloseable {
  private static final String SUFFIX = ".partial";
  private static final int MOST_NAMES = 1000;

  private final Path target;
  private final Path path;
  private final FileChannel channel;
  private final Existing existing;
  private long position;
  private boolean ours = true;

  private PartialFile(Path target, Path path, FileChannel channel, Existing existing) {
    this.target = target;
    this.path = path;
    this.channel = channel;
    this.existing = existing;
  }

  /**
   * Creates the file under its other name: {@code NAME.partial}, or with a number behind it where
   * another writer is at work on one. What a writer left that was killed is deleted.
   */
  static PartialFile create(Path target, Existing existing) throws IOException {
    return create(
        target,
        existing,
        path -> {
          FileChannel channel =
              FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
          lock(channel);
          return channel;
        });
  }

  /** Opens a file that must not be there yet. */
  interface Opener {
    FileChannel open(Path path) throws IOException;
  }

  static PartialFile create(Path target, Existing existing, Opener opener) throws IOException {
    refuse(target, existing);
    IOException last = null;
    for (int number = 0; number < MOST_NAMES; number++) {
      Path path =
          target.resolveSibling(target.getFileName() + SUFFIX + (number == 0 ? "" : number));
      try {
        deleteLeftOver(path);
        return new PartialFile(target, path, opener.open(path), existing);
      } catch (FileAlreadyExistsException e) {
        last = e; // of another writer: the next number
      } catch (IOException e) {
        throw new IOException("cannot create %s: %s".formatted(path, e), e);
      }
    }
    throw new IOException(
        "%s and %d more beside it are there already: delete what stopped writers left"
            .formatted(target.getFileName() + SUFFIX, MOST_NAMES - 1),
        last);
  }

  /**
   * Deletes a partial file that nobody holds a lock on. A live writer that is found between
   * creating and locking its file loses it and says so when it commits; it never appears half
   * written.
   */
  private static void deleteLeftOver(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      if (lock(channel)) {
        Files.deleteIfExists(path);
      }
    } catch (AccessDeniedException | NoSuchFileException e) {
      return; // of somebody else, or committed by now: the next name
    }
  }

  /** Whether no other writer holds the file; it is held until the channel is closed. */
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException | IOException e) {
      return false; // of a writer in this process, or the file system knows no locks
    }
  }

  private static void refuse(Path target, Existing existing) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + " is a folder: name a file");
    }
    if (existing == Existing.REFUSE && Files.exists(target)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "there already: name another, or say that it may be replaced");
    }
  }

  /** Bytes written so far. */
  long position() {
    return position;
  }

  void write(MemorySegment bytes) throws IOException {
    ByteBuffer buffer = bytes.asByteBuffer();
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    position += bytes.byteSize();
  }

  /** Writes zeros up to the next multiple of {@code alignment}. */
  void align(long alignment) throws IOException {
    long zeros = Layouts.aligned(position, alignment) - position;
    if (zeros > 0) {
      write(MemorySegment.ofArray(new byte[(int) zeros]));
    }
  }

  /** Forces all to the disk and gives the file its name. */
  void commit() throws IOException {
    try {
      channel.force(true);
      channel.close();
      refuse(target, existing);
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      ours = false;
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      throw failed(e);
    }
    forceName();
  }

  /** The name is on the disk once the folder is; not every file system opens folders. */
  private void forceName() throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    } catch (AccessDeniedException e) {
      return; // Windows opens no folders; the file itself is forced
    }
  }

  private IOException failed(IOException cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IOException(
        "cannot write %s: %s, after %d bytes; nothing of it is kept: make room or write elsewhere"
            .formatted(target, reason, position),
        cause);
  }

  /** Deletes the file if it was not committed. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (ours) {
        ours = false; // from now on the name may be another writer's
        Files.deleteIfExists(path);
      }
    }
  }
}
