package dev.varve.store.ssd;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest records of a store, which the disk may hold in part: a batch counts only if all of its
 * records are there and sound.
 */
final class Tail {

  private static final Logger log = LoggerFactory.getLogger(Tail.class);

  private record Found(Segment segment, SegmentRecord record) {}

  private final NavigableMap<Long, Found> records = new TreeMap<>();
  private final SegmentScan scan;
  private final long lastCommitted;
  private long newest;

  /**
   * A tail behind the record with sequence {@code lastCommitted}.
   *
   * @param scan reads payloads
   */
  Tail(SegmentScan scan, long lastCommitted) {
    this.scan = scan;
    this.lastCommitted = lastCommitted;
    newest = lastCommitted;
  }

  /** Adds what a scan found; records that were committed are passed over. */
  void add(Segment segment, SegmentRecord record) {
    long sequence = record.location().sequence();
    if (sequence > lastCommitted) {
      records.put(sequence, new Found(segment, record));
      newest = Math.max(newest, sequence);
    }
  }

  /** Highest sequence seen. */
  long newest() {
    return newest;
  }

  /** Reads the tail of {@code segments}, each from its known end on. */
  void read(SegmentFolder segments) throws IOException {
    long from = 0;
    for (Segment segment : segments.oldestFirst()) {
      from = segment.liveBlocks() > 0 ? segment.id : from;
    }
    for (Segment segment : segments.oldestFirst()) {
      if (segment.id >= from && segment.length() > segment.end()) {
        scan.forEach(segment, segment.end(), record -> add(segment, record));
      }
    }
  }

  /** The live records of complete and sound batches, in order. */
  List<IndexEntry> complete() {
    List<IndexEntry> entries = new ArrayList<>();
    int dropped = 0;
    while (!records.isEmpty()) {
      SegmentRecord.Batch batch = records.firstEntry().getValue().record().batch();
      NavigableMap<Long, Found> members = records.headMap(batch.first() + batch.count(), false);
      boolean whole =
          members.size() == batch.count() && members.values().stream().allMatch(this::isSound);
      for (Found found : members.values()) {
        if (whole && !found.record().removed()) {
          entries.add(found.record().entry());
        }
      }
      dropped += whole ? 0 : members.size();
      members.clear();
    }
    if (dropped > 0) {
      log.info("{} records of batches that were never complete are passed over", dropped);
    }
    return entries;
  }

  private boolean isSound(Found found) {
    return found.record().removed() || scan.payloadIsSound(found.segment(), found.record());
  }
}
