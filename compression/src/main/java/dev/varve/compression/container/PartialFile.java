package dev.varve.compression.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that is written from front to back under another name beside its target and appears as the
 * target all at once, or never. For one thread at a time.
 *
 * <p>Whoever moves or deletes the file holds a lock on it, so that a name that leads to the same
 * file before and after the lock was taken leads to the file that is held.
 */
final class PartialFile implements AutoCloseable {
  private static final String SUFFIX = ".partial";
  private static final int MOST_NAMES = 1000;

  /**
   * Those of this process: another channel to one of them must not even be opened, for some systems
   * drop the lock when that is closed.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path target;
  private final Path path;
  private final FileChannel channel;
  private final Existing existing;
  private long position;
  private boolean wanted;
  private boolean ended;

  /** One that is written through {@code channel}. */
  PartialFile(Path target, Path path, FileChannel channel, Existing existing) {
    this.target = target;
    this.path = path;
    this.channel = channel;
    this.existing = existing;
  }

  /** As {@link #open}, but without the bytes that a stopped writer left. */
  static PartialFile create(Path target, Existing existing) throws IOException {
    PartialFile file = open(target, existing);
    try {
      file.cut(0);
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Opens the file under its other name: {@code NAME.partial}, or with a number behind it where
   * another writer is at work on one. What a writer left that was stopped is still in it.
   */
  static PartialFile open(Path target, Existing existing) throws IOException {
    refuse(target, existing);
    for (int number = 0; number < MOST_NAMES; number++) {
      String name = target.getFileName() + SUFFIX + (number == 0 ? "" : number);
      Path path = target.resolveSibling(name).toAbsolutePath();
      if (HELD.add(path)) {
        Optional<FileChannel> channel = Optional.empty();
        try {
          channel = take(path);
        } catch (IOException e) {
          throw new IOException("cannot create %s: %s".formatted(path, e), e);
        } finally {
          if (channel.isEmpty()) {
            HELD.remove(path);
          }
        }
        if (channel.isPresent()) {
          return new PartialFile(target, path, channel.get(), existing);
        }
      }
    }
    throw new IOException(
        "%s and %d more beside it are there already: delete what stopped writers left"
            .formatted(target.getFileName() + SUFFIX, MOST_NAMES - 1));
  }

  /** Takes the file at {@code path}, new or left over; nothing if it is another writer's. */
  private static Optional<FileChannel> take(Path path) throws IOException {
    Optional<Object> left = identity(path);
    if (left.isPresent() && !isOurs(path)) {
      return Optional.empty();
    }
    Optional<FileChannel> channel = left.isPresent() ? openAgain(path) : openNew(path);
    if (channel.isEmpty()) {
      return channel;
    }
    Optional<Object> opened = left.isPresent() ? left : identity(path);
    Holder holder = lock(channel.get());
    boolean may = holder == Holder.WE || (holder == Holder.NOT_KNOWN && left.isEmpty());
    if (may && opened.isPresent() && opened.equals(identity(path))) {
      return channel;
    }
    channel.get().close();
    return Optional.empty();
  }

  /** Whether it is a file, and of our user: who owns it may read and change what is written. */
  private static boolean isOurs(Path path) throws IOException {
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Path made = Files.createTempFile(path.getParent(), ".varve", SUFFIX);
    try {
      return Files.getOwner(made).equals(Files.getOwner(path, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return false; // committed by now
    } catch (UnsupportedOperationException e) {
      return true; // the file system knows no owners
    } finally {
      Files.delete(made);
    }
  }

  private static Optional<FileChannel> openNew(Path path) throws IOException {
    try {
      return Optional.of(
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE_NEW));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty(); // another writer was quicker
    }
  }

  private static Optional<FileChannel> openAgain(Path path) throws IOException {
    try {
      return Optional.of(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } catch (AccessDeniedException | NoSuchFileException e) {
      return Optional.empty(); // of somebody else, or committed by now
    }
  }

  /** What tells a file from all others. */
  private static Optional<Object> identity(Path path) throws IOException {
    try {
      BasicFileAttributes file =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(file.fileKey() == null ? file.creationTime() : file.fileKey());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Who writes to a file. */
  private enum Holder {
    WE,
    ANOTHER,
    /** The file system knows no locks. */
    NOT_KNOWN
  }

  /** Takes the lock, if that can be; it is held until the channel is closed. */
  private static Holder lock(FileChannel channel) {
    try {
      return channel.tryLock() == null ? Holder.ANOTHER : Holder.WE;
    } catch (OverlappingFileLockException e) {
      return Holder.ANOTHER;
    } catch (IOException e) {
      return Holder.NOT_KNOWN;
    }
  }

  /** All bytes that are there, until {@code arena} is closed. */
  MemorySegment map(Arena arena) throws IOException {
    return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
  }

  /** Drops all bytes from {@code length} on; what is written next follows there. */
  void cut(long length) throws IOException {
    channel.truncate(length);
    channel.position(length);
    position = length;
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
      refuse(target, existing);
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      wanted = true;
      close();
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

  /** Leaves the file as it is, for {@link #open}; returns where. */
  Path keep() throws IOException {
    wanted = true;
    close();
    return path;
  }

  /** Deletes the file if it was neither committed nor kept. */
  @Override
  public void close() throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    try (channel) {
      if (!wanted) {
        Files.deleteIfExists(path);
      }
    } finally {
      HELD.remove(path);
    }
  }
}
