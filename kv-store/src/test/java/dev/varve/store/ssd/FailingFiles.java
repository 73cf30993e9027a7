package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * The disk, until a countdown of changes is over; from then on every change fails, until healed.
 */
final class FailingFiles implements BlockFiles {

  private static final DiskFiles DISK = DiskFiles.DIRECT;

  static final String REASON = "No space left on device";

  private long left = Long.MAX_VALUE;
  private boolean tearsTheLastWrite;
  private long reads;

  /** Lets {@code changes} more writes, forces, truncations, creations and renames through. */
  synchronized void failAfter(long changes, boolean tearing) {
    left = changes;
    tearsTheLastWrite = tearing;
  }

  synchronized void heal() {
    left = Long.MAX_VALUE;
  }

  /** Requests to read so far. */
  synchronized long reads() {
    return reads;
  }

  private synchronized void countRead() {
    reads++;
  }

  private synchronized void spend() throws IOException {
    if (left == 0) {
      throw new IOException(REASON);
    }
    left--;
  }

  @Override
  public BlockFile create(Path path) throws IOException {
    spend();
    return new Failing(DISK.create(path));
  }

  @Override
  public BlockFile open(Path path) {
    return new Failing(DISK.open(path));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    spend();
    DISK.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    DISK.delete(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    spend();
    DISK.forceFolder(folder);
  }

  @Override
  public String mode() {
    return DISK.mode();
  }

  private final class Failing implements BlockFile {
    private final BlockFile disk;

    Failing(BlockFile disk) {
      this.disk = disk;
    }

    @Override
    public void write(MemorySegment bytes, long position) throws IOException {
      try {
        spend();
      } catch (IOException e) {
        if (tearsTheLastWrite) {
          long half = bytes.byteSize() / 2 / SegmentRecordDescriptor.PAGE;
          disk.write(bytes.asSlice(0, half * SegmentRecordDescriptor.PAGE), position);
        }
        throw e;
      }
      disk.write(bytes, position);
    }

    @Override
    public void read(MemorySegment bytes, long position) throws IOException {
      countRead();
      disk.read(bytes, position);
    }

    @Override
    public void read(List<MemorySegment> pieces, long position) throws IOException {
      countRead();
      disk.read(pieces, position);
    }

    @Override
    public void force() throws IOException {
      spend();
      disk.force();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      spend();
      disk.truncate(bytes);
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }
}
