package dev.varve.store.ssd;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the index of a store as far as it can be trusted. After a clean stop its checksum decides;
 * after any other every row is checked and copied into a new file, without LMDB, which would trust
 * what it maps; on any doubt the index is made anew from the segments. Then whole batches behind
 * its end are taken in.
 */
final class Recovery {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final StoreFolder folder;
  private final SegmentFolder segments;
  private final StoreParts parts;
  private final long capacityBytes;
  private final SegmentScan scan;
  private boolean unclean;
  private long blocks;
  private long payloadBytes;

  Recovery(StoreFolder folder, SegmentFolder segments, StoreParts parts, long capacityBytes) {
    this.folder = folder;
    this.segments = segments;
    this.parts = parts;
    this.capacityBytes = capacityBytes;
    scan = new SegmentScan(parts.store(), parts.buffers());
  }

  /**
   * What was found.
   *
   * @param lastSequence highest that may stand in a file
   * @param removals records that may still have to be marked as removed
   */
  record Found(
      BlockIndex index,
      long lastSequence,
      List<Location> removals,
      long blocks,
      long payloadBytes) {}

  /** Opens the index and counts what it names into the segments. */
  Found open() throws IOException {
    prepareIndex();
    new CleanMarker(folder).remove();
    try {
      return openIndex();
    } catch (DamagedIndexException e) {
      rebuild(String.valueOf(e.getMessage()), false);
      forgetCounts();
      return openIndex();
    }
  }

  private Found openIndex() throws IOException {
    BlockIndex index = BlockIndex.open(folder.index(), capacityBytes);
    boolean opened = false;
    try {
      count(index);
      CommitMark mark = new CommitMark(folder);
      index.noteCommitsIn(mark);
      mark.force();
      long last = index.state().lastSequence();
      if (unclean) {
        Tail tail = new Tail(scan, last);
        tail.read(segments);
        takeIn(index, tail);
        last = tail.newest();
      }
      Found found = new Found(index, last, index.removals(), blocks, payloadBytes);
      opened = true;
      return found;
    } finally {
      if (!opened) {
        index.close();
      }
    }
  }

  /** Leaves an index in the folder that may be mapped. */
  private void prepareIndex() throws IOException {
    if (!Files.exists(folder.indexFile())) {
      unclean = true;
      if (!segments.oldestFirst().isEmpty()) {
        rebuild("it is missing", false);
      }
      return;
    }
    switch (new CleanMarker(folder).judge()) {
      case MATCHES -> {}
      case DIFFERS -> rebuild("it is not what was closed", false);
      case ABSENT -> {
        unclean = true;
        Path fresh = freshFolder();
        Optional<String> doubt;
        try (BlockIndex copy = BlockIndex.create(fresh, capacityBytes)) {
          doubt = IndexAudit.doubt(folder.indexFile(), CommitMark.read(folder), copy);
        }
        if (doubt.isPresent()) {
          rebuild(doubt.get(), false);
        } else {
          adopt(fresh);
        }
      }
    }
  }

  /** Makes the index anew; returns how many records were left out as damaged. */
  long rebuild(String reason, boolean everyPayload) throws IOException {
    log.error(
        "the index in {} is not used: {}: it is rebuilt from the segments", folder.index(), reason);
    unclean = true;
    parts.events().rebuilds.increment();
    Path fresh = freshFolder();
    long dropped;
    try (BlockIndex index = BlockIndex.create(fresh, capacityBytes)) {
      // So that the note, which is of the index given up, allows this one.
      index.startFrom(new IndexState(-1, CommitMark.read(folder).orElse(0)));
      dropped = IndexRebuild.into(index, segments, scan, everyPayload);
    }
    parts.events().lostBlocks.add(dropped);
    adopt(fresh);
    return dropped;
  }

  private Path freshFolder() throws IOException {
    Path fresh = folder.root().resolve("index.new");
    if (Files.exists(fresh)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(fresh)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(fresh);
    }
    return Files.createDirectory(fresh);
  }

  private void adopt(Path fresh) throws IOException {
    Files.createDirectories(folder.index());
    DurableFile.force(fresh.resolve("data.mdb"));
    Files.deleteIfExists(folder.index().resolve("lock.mdb"));
    Files.move(fresh.resolve("data.mdb"), folder.indexFile(), StandardCopyOption.REPLACE_EXISTING);
    DiskFiles.BUFFERED.forceFolder(folder.index());
    Files.deleteIfExists(fresh.resolve("lock.mdb"));
    Files.delete(fresh);
  }

  private void count(BlockIndex index) throws IOException {
    try {
      index.forEach(reading -> {
        switch (reading) {
          case IndexReading.Sound(IndexEntry entry) -> count(entry);
          case IndexReading.Refused(String reason) -> throw new DamagedIndexException(reason);
          case IndexReading.Absent() -> {}
        }
      });
    } catch (UncheckedIOException e) {
      throw new IOException(e);
    }
  }

  private void count(IndexEntry entry) {
    try {
      segments.named(entry.location().segment()).visible(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    blocks++;
    payloadBytes += entry.header().payloadBytes();
  }

  private void takeIn(BlockIndex index, Tail tail) throws IOException {
    List<IndexEntry> entries = tail.complete();
    if (!entries.isEmpty()) {
      log.info("{} blocks behind the end of the index are taken in", entries.size());
      parts.events().recovered.add(entries.size());
      index.set(entries, tail.newest(), List.of());
      forgetCounts();
      count(index);
    }
  }

  private void forgetCounts() {
    blocks = 0;
    payloadBytes = 0;
    segments.oldestFirst().forEach(Segment::forgetCounts);
  }

  /** The exception for a store whose files cannot be read. */
  static StoreException unreadable(Path folder, IOException cause) {
    return new StoreException(
        "cannot read the store in " + folder + ": " + cause + ": check the disk", cause);
  }
}
