package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a whole store: every block that the index names, and every record of the segments. */
final class StoreVerifier {

  private static final int MOST_SENTENCES = 100;

  private final StoreFolder folder;
  private final SegmentFolder segments;
  private final StoreParts parts;
  private final SegmentScan scan;
  private final List<String> sentences = new ArrayList<>();
  private long damages;
  private long blocks;
  private long payloadBytes;
  private long records;
  private long unnamed;

  StoreVerifier(StoreFolder folder, SegmentFolder segments, StoreParts parts) {
    this.folder = folder;
    this.segments = segments;
    this.parts = parts;
    scan = new SegmentScan(parts.store(), parts.buffers());
  }

  VerifyReport run() throws IOException {
    boolean clean = new CleanMarker(folder).judge() == CleanMarker.State.MATCHES;
    Optional<String> doubt = StoreMaintenance.doubt(folder, segments);
    doubt.ifPresent(this::damage);
    if (doubt.isEmpty() && Files.exists(folder.indexFile())) {
      try (BlockIndex index = BlockIndex.openToRead(folder.index())) {
        readNamed(index);
        readSegments(index);
      }
    } else {
      readSegments(null);
    }
    return new VerifyReport(
        blocks, payloadBytes, records, unnamed, damages, List.copyOf(sentences), clean);
  }

  private void readNamed(BlockIndex index) throws IOException {
    SortedSet<Long> named = new TreeSet<>();
    index.forEach(reading -> {
      if (reading instanceof IndexReading.Sound(IndexEntry entry)) {
        named.add(entry.location().segment());
      }
    });
    BlockFetch fetch = new BlockFetch(new LiveIndex(index), segments, parts);
    for (long id : named) {
      segments.named(id);
      for (IndexEntry entry : index.entriesOf(id)) {
        BlockHeader header = entry.header();
        fetch
            .refusal(entry)
            .ifPresentOrElse(
                this::damage,
                () -> {
                  blocks++;
                  payloadBytes += header.payloadBytes();
                });
      }
    }
  }

  private void readSegments(@Nullable BlockIndex index) {
    for (Segment segment : segments.oldestFirst()) {
      if (segment.length() == 0) {
        continue;
      }
      try {
        scan.forEach(segment, 0, record -> visit(index, segment, record));
      } catch (IOException e) {
        damage(segment.path + ": " + e);
      }
    }
  }

  private void visit(@Nullable BlockIndex index, Segment segment, SegmentRecord record) {
    if (record.removed()) {
      return;
    }
    records++;
    if (index == null) {
      if (scan.payloadIsSound(segment, record)) {
        blocks++;
        payloadBytes += record.header().payloadBytes();
      } else {
        damage(segment.path + " at " + record.location().offset() + ": payload CRC does not match");
      }
      return;
    }
    boolean named =
        index.find(record.header().key()) instanceof IndexReading.Sound(IndexEntry entry)
            && entry.location().sequence() >= record.location().sequence();
    unnamed += named ? 0 : 1;
  }

  private void damage(String sentence) {
    damages++;
    if (sentences.size() < MOST_SENTENCES) {
      sentences.add(sentence);
    }
  }
}
