package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One segment file and what is known of it. Its counters belong to the one writer; its file may be
 * read by all who hold it.
 */
final class Segment {

  final long id;
  final long epoch;
  final Path path;
  final BlockFile file;

  /** Holders: the log that lists it, and every read under way. */
  private final AtomicInteger holders = new AtomicInteger(1);

  private long end;
  private long liveBytes;

  Segment(long id, long epoch, Path path, BlockFile file) {
    this.id = id;
    this.epoch = epoch;
    this.path = path;
    this.file = file;
  }

  /** Where the next record goes: behind the last committed one. */
  long end() {
    return end;
  }

  /** Bytes of the records that the index still names. */
  long liveBytes() {
    return liveBytes;
  }

  void committed(IndexEntry entry) {
    end = Math.max(end, entry.location().offset() + entry.footprint());
    liveBytes += entry.footprint();
  }

  void removed(IndexEntry entry) {
    liveBytes -= entry.footprint();
  }

  /** Keeps the file open until {@link #release}; false if it is gone. */
  boolean hold() {
    int count = holders.get();
    while (count > 0 && !holders.compareAndSet(count, count + 1)) {
      count = holders.get();
    }
    return count > 0;
  }

  void release() throws IOException {
    if (holders.decrementAndGet() == 0) {
      file.close();
    }
  }
}
