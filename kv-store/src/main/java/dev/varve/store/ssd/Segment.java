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
  final Path path;
  final BlockFile file;

  /** Holders: the folder that lists it, and every read under way. */
  private final AtomicInteger holders = new AtomicInteger(1);

  private final SegmentTotals totals;
  private volatile long length;
  private volatile long end;
  private long liveBytes;
  private long liveBlocks;

  /** A segment that counts in {@code totals} until it is {@link #dismiss dismissed}. */
  Segment(long id, Path path, BlockFile file, long length, SegmentTotals totals) {
    this.id = id;
    this.path = path;
    this.file = file;
    this.totals = totals;
    length(length);
  }

  /** Bytes of the file, what an earlier use left behind {@link #end} included. */
  long length() {
    return length;
  }

  void length(long bytes) {
    totals.files(bytes - length);
    length = bytes;
  }

  private void end(long bytes) {
    totals.used(bytes - end);
    end = bytes;
  }

  /** Counts no more in the totals. */
  void dismiss() {
    totals.files(-length);
    totals.used(-end);
  }

  /** Where the next record goes: behind the last visible one. */
  long end() {
    return end;
  }

  /** Bytes of the records that the index names. */
  long liveBytes() {
    return liveBytes;
  }

  /** Records that the index names. */
  long liveBlocks() {
    return liveBlocks;
  }

  void visible(IndexEntry entry) {
    end(Math.max(end, entry.location().offset() + entry.footprint()));
    liveBytes += entry.footprint();
    liveBlocks++;
  }

  void removed(IndexEntry entry) {
    liveBytes -= entry.footprint();
    liveBlocks--;
  }

  /** Begins to count anew. */
  void forgetCounts() {
    end(0);
    liveBytes = 0;
    liveBlocks = 0;
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

  /** Closes the file if nobody reads it; from then on nobody can. */
  boolean releaseUnread() throws IOException {
    if (!holders.compareAndSet(1, 0)) {
      return false;
    }
    file.close();
    return true;
  }
}
