package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an index from segment files alone. The newest record of a block decides; a removed one
 * takes the block away. The records written last are believed only with sound payloads; before them
 * headers are enough, for a read checks the payload again.
 */
final class IndexRebuild {

  /** Twice as many records as a tier lets wait for a sync. */
  private static final int TAIL = 2 * SsdTier.MOST_PENDING;

  private static final Logger log = LoggerFactory.getLogger(IndexRebuild.class);
  private static final int ROWS_PER_TRANSACTION = 1024;

  private record Found(Segment segment, SegmentRecord record) {}

  private final SegmentScan scan;
  private final BlockIndex index;
  private final boolean everyPayload;
  private final Deque<Found> newest = new ArrayDeque<>();
  private final Map<BlockKey, SegmentRecord> rows = new LinkedHashMap<>();
  private long lastSequence;
  private long dropped;

  private IndexRebuild(SegmentScan scan, BlockIndex index, boolean everyPayload) {
    this.scan = scan;
    this.index = index;
    this.everyPayload = everyPayload;
    lastSequence = index.state().lastSequence();
  }

  /**
   * Fills a new index.
   *
   * @param everyPayload whether to read and check all payloads
   * @return records left out because of damage
   */
  static long into(
      BlockIndex index, SegmentFolder segments, SegmentScan scan, boolean everyPayload) {
    IndexRebuild rebuild = new IndexRebuild(scan, index, everyPayload);
    for (Segment segment : segments.oldestFirst()) {
      rebuild.read(segment);
    }
    rebuild.finish();
    return rebuild.dropped;
  }

  private void read(Segment segment) {
    try {
      long strange =
          scan.forEach(
              segment,
              0,
              record -> {
                newest.addLast(new Found(segment, record));
                lastSequence = Math.max(lastSequence, record.location().sequence());
                if (newest.size() > TAIL) {
                  settle(newest.removeFirst(), everyPayload);
                }
              });
      if (strange > 0) {
        log.info("{}: {} pages are no record of its present use", segment.path, strange);
      }
    } catch (IOException e) {
      dropped++;
      log.error("{} cannot be read: what lies behind is lost", segment.path, e);
    }
  }

  private void settle(Found found, boolean checkPayload) {
    SegmentRecord record = found.record();
    if (checkPayload && !record.removed() && !scan.payloadIsSound(found.segment(), record)) {
      dropped++;
      log.error(
          "{} at {}: payload CRC does not match: dropped",
          found.segment().path,
          record.location().offset());
      return;
    }
    take(record);
  }

  private void take(SegmentRecord record) {
    if (rows.size() == ROWS_PER_TRANSACTION || rows.containsKey(record.header().key())) {
      write();
    }
    rows.put(record.header().key(), record);
  }

  private void write() {
    List<BlockKey> gone = new ArrayList<>();
    List<IndexEntry> live = new ArrayList<>();
    for (SegmentRecord record : rows.values()) {
      if (record.removed()) {
        gone.add(record.header().key());
      } else {
        live.add(record.entry());
      }
    }
    if (!gone.isEmpty()) {
      index.remove(gone);
    }
    index.set(live, lastSequence, List.of());
    rows.clear();
  }

  private void finish() {
    for (Found found : newest) {
      settle(found, true);
    }
    write();
  }
}
