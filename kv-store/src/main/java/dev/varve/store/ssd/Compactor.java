package dev.varve.store.ssd;

import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Copies live blocks out of sparse segments, the emptiest first. A copy is on the disk and named by
 * the index before the original is given up.
 */
final class Compactor {

  private static final long BATCH_BYTES = 16L << 20;

  private final LiveIndex index;
  private final SegmentFolder segments;
  private final SegmentLog log;
  private final BlockFetch fetch;
  private long skipped;

  Compactor(LiveIndex index, SegmentFolder segments, SegmentLog log, BlockFetch fetch) {
    this.index = index;
    this.segments = segments;
    this.log = log;
    this.fetch = fetch;
  }

  /** Blocks that could not be read. */
  long skipped() {
    return skipped;
  }

  /** Returns how many blocks were moved; stops where a copy would not fit into the capacity. */
  long run(double leastLive, long capacityBytes) throws IOException {
    List<Segment> sparse =
        segments.oldestFirst().stream()
            .filter(segment -> segment.liveBytes() < leastLive * segment.end())
            .sorted(Comparator.comparingLong(Segment::liveBytes))
            .toList();
    long moved = 0;
    if (!sparse.isEmpty()) {
      log.seal();
    }
    for (Segment segment : sparse) {
      if (segments.usedBytes(false) + segment.liveBytes() > capacityBytes) {
        break;
      }
      moved += empty(segment);
    }
    return moved;
  }

  private long empty(Segment segment) {
    long moved = 0;
    List<IndexEntry> batch = new ArrayList<>();
    long bytes = 0;
    for (IndexEntry entry : index.entriesOf(segment.id)) {
      batch.add(entry);
      bytes += entry.footprint();
      if (bytes >= BATCH_BYTES) {
        moved += move(batch);
        batch.clear();
        bytes = 0;
      }
    }
    return moved + move(batch);
  }

  private long move(List<IndexEntry> batch) {
    try (Arena arena = Arena.ofConfined()) {
      List<EncodedBlock> blocks = new ArrayList<>();
      List<IndexEntry> left = new ArrayList<>();
      for (IndexEntry entry : batch) {
        MemorySegment payload =
            arena.allocate(entry.header().payloadBytes(), SegmentRecordDescriptor.PAGE);
        if (fetch.read(entry, payload) instanceof ReadOutcome.Found) {
          blocks.add(new EncodedBlock(entry.header(), payload));
          left.add(entry);
        } else {
          skipped++;
        }
      }
      if (!blocks.isEmpty()) {
        log.append(
            blocks,
            entries -> {
              log.force();
              index.commit(entries, left);
            });
        log.removed(left);
      }
      return blocks.size();
    }
  }
}
