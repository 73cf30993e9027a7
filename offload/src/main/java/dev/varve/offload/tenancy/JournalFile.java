package dev.varve.offload.tenancy;

import dev.varve.store.BlockChecksum;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as the file {@code retention/journal} of a store's folder, which the store locks:
 * records appended one behind the other, now and then replaced by a shorter file that says the
 * same. Specified in {@code docs/formats/retention.md}. Thread-safe.
 *
 * <p>Reading takes nothing on trust: a record that fails its check is passed over, counted and
 * logged, and reading goes on at the next sound one; the file as it was found is kept beside. A
 * record cut off at the end of the file is what a process leaves that died while writing it.
 *
 * <p>Written by way of {@link RandomAccessFile}: an interrupted thread would close a channel for
 * everybody.
 */
final class JournalFile implements Journal {

  private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);

  /** First four bytes: {@code VRVR}. */
  static final int MAGIC = 0x52565256;

  static final int VERSION = 1;
  static final int HEADER_LENGTH = 16;

  private static final String NAME = "journal";
  private static final long SMALL_BYTES = 1 << 20;
  private static final int RECORDS_AT_ONCE = 4096;

  private final Path folder;
  private final Object forcing = new Object();
  private RandomAccessFile file;
  private long end;
  private long endAfterRewrite;
  private long damaged;
  private boolean damagedNow;
  private boolean dirty;

  private JournalFile(Path folder, RandomAccessFile file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Opens the journal of the store in {@code store} and shows every record it holds, oldest first.
   *
   * @throws StoreException if it cannot be read or written, or is of a newer version
   */
  static JournalFile open(Path store, Consumer<JournalRecord> records) {
    Path folder = store.resolve("retention");
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve(NAME);
      if (!Files.exists(file)) {
        replace(folder, Collections.emptyIterator());
      }
      JournalFile journal = new JournalFile(folder, writable(file));
      boolean read = false;
      try {
        journal.read(records);
        read = true;
      } finally {
        if (!read) {
          journal.file.close();
        }
      }
      return journal;
    } catch (IOException e) {
      throw new StoreException(
          "the retention journal in " + folder + " cannot be opened: " + e + ": check the disk", e);
    }
  }

  private void read(Consumer<JournalRecord> records) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes =
          file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, file.length(), arena);
      long at = checkHeader(bytes) ? HEADER_LENGTH : 0;
      long sound = at;
      while (at < bytes.byteSize()) {
        long length = JournalRecordDescriptor.length(bytes, at);
        Optional<JournalRecord> record =
            length > 0 ? JournalRecordDescriptor.read(bytes, at) : Optional.empty();
        if (record.isPresent()) {
          records.accept(record.get());
          at += length;
          sound = at;
        } else {
          long next = nextSound(bytes, at + 1);
          boolean cutOff = length < 0 && next == bytes.byteSize();
          if (!cutOff) {
            damage("bytes " + at + " to " + next + " hold no sound record");
          }
          at = next;
        }
      }
      end = Math.max(sound, 0);
      endAfterRewrite = end;
    }
    if (damaged > 0) {
      Path kept = folder.resolve(NAME + ".damaged");
      Files.copy(folder.resolve(NAME), kept, StandardCopyOption.REPLACE_EXISTING);
      LOG.error("{} is kept as it was found", kept);
    }
    file.setLength(end);
  }

  private boolean checkHeader(MemorySegment bytes) {
    if (bytes.byteSize() < HEADER_LENGTH) {
      damage("it has " + bytes.byteSize() + " bytes, its header takes " + HEADER_LENGTH);
      return false;
    }
    ByteBuffer found =
        bytes.asSlice(0, HEADER_LENGTH).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int version = Short.toUnsignedInt(found.getShort(4));
    if (ByteBuffer.wrap(header()).equals(found)) {
      return true;
    }
    boolean whole = BlockChecksum.crc32c(bytes.asSlice(0, 12)) == found.getInt(12);
    if (found.getInt(0) == MAGIC && whole) {
      throw new StoreException(
          "the retention journal in "
              + folder
              + " has version "
              + version
              + ", this program reads version "
              + VERSION
              + ": use the program that wrote it");
    }
    damage("bad header");
    return false;
  }

  private void damage(String what) {
    damaged++;
    damagedNow = true;
    LOG.error("the retention journal in {} is damaged: {}", folder, what);
  }

  private static long nextSound(MemorySegment bytes, long from) {
    long at = from;
    while (at < bytes.byteSize() && JournalRecordDescriptor.length(bytes, at) <= 0) {
      at++;
    }
    return at;
  }

  /** Places that failed a check when the journal was opened. */
  long damaged() {
    return damaged;
  }

  @Override
  public synchronized void append(List<? extends JournalRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    try {
      dirty = true;
      end = write(file, bytes(records), end);
    } catch (IOException e) {
      throw failure("written", e);
    }
  }

  @Override
  public void force() {
    // Appending goes on meanwhile; only a rewrite, which closes the file, waits.
    synchronized (forcing) {
      RandomAccessFile current = forced();
      try {
        if (current != null) {
          current.getFD().sync();
        }
      } catch (IOException e) {
        failedToForce();
        throw failure("forced to the disk", e);
      }
    }
  }

  /** The file if it holds anything that is not on the disk; it counts as forced now. */
  private synchronized @Nullable RandomAccessFile forced() {
    boolean due = dirty;
    dirty = false;
    return due ? file : null;
  }

  private synchronized void failedToForce() {
    dirty = true;
  }

  @Override
  public void rewrite(Stream<? extends JournalRecord> all) {
    synchronized (forcing) {
      rewriteNow(all);
    }
  }

  private synchronized void rewriteNow(Stream<? extends JournalRecord> all) {
    try {
      long length = replace(folder, all.iterator());
      file.close();
      file = writable(folder.resolve(NAME));
      end = length;
      endAfterRewrite = length;
      damagedNow = false;
      dirty = false;
    } catch (IOException e) {
      throw failure("replaced", e);
    }
  }

  @Override
  public synchronized boolean bloated() {
    return damagedNow || end > 2 * endAfterRewrite + SMALL_BYTES;
  }

  private static RandomAccessFile writable(Path file) throws IOException {
    return new RandomAccessFile(file.toFile(), "rw");
  }

  /** The file shows its old bytes or the new ones, and nothing between; returns its length. */
  private static long replace(Path folder, Iterator<? extends JournalRecord> records)
      throws IOException {
    Path written = folder.resolve(NAME + ".new");
    long length = HEADER_LENGTH;
    try (RandomAccessFile target = writable(written)) {
      target.setLength(0);
      write(target, ByteBuffer.wrap(header()), 0);
      while (records.hasNext()) {
        List<JournalRecord> piece = new ArrayList<>();
        while (piece.size() < RECORDS_AT_ONCE && records.hasNext()) {
          piece.add(records.next());
        }
        length = write(target, bytes(piece), length);
      }
      target.getFD().sync();
    }
    Files.move(written, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    for (Path directory : List.of(folder, folder.toAbsolutePath().getParent())) {
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      }
    }
    return length;
  }

  private static long write(RandomAccessFile target, ByteBuffer bytes, long at) throws IOException {
    target.seek(at);
    target.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    return at + bytes.remaining();
  }

  private static ByteBuffer bytes(List<? extends JournalRecord> records) {
    List<ByteBuffer> parts = records.stream().map(JournalRecordDescriptor::write).toList();
    long sum = parts.stream().mapToLong(ByteBuffer::remaining).sum();
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(sum));
    parts.forEach(bytes::put);
    return bytes.flip();
  }

  private static byte[] header() {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putShort((short) VERSION).putShort((short) HEADER_LENGTH).putInt(0);
    MemorySegment front = MemorySegment.ofArray(bytes.array()).asSlice(0, bytes.position());
    return bytes.putInt(BlockChecksum.crc32c(front)).array();
  }

  private StoreException failure(String what, IOException cause) {
    return new StoreException(
        "the retention journal in "
            + folder
            + " cannot be "
            + what
            + ": "
            + cause
            + "; nothing was changed, check the disk for space and errors",
        cause);
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw failure("closed", e);
    }
  }
}
