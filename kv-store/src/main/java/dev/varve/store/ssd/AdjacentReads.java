package dev.varve.store.ssd;

import dev.varve.store.BlockTarget;
import dev.varve.store.ReadOutcome;
import dev.varve.store.internal.Targets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads blocks whose records follow each other in one file with one request, since a disk asked for
 * megabytes gives more a second than one asked for a block. Whatever does not come whole this way
 * is read again by itself, and that outcome counts. Thread-safe.
 */
final class AdjacentReads {

  /** What one request asks for at most. */
  static final long LARGEST_REQUEST = 8 << 20;

  private static final long PAGE = SegmentRecordDescriptor.PAGE;

  private final LiveIndex index;
  private final SegmentFolder segments;
  private final StoreParts parts;
  private final BlockFetch alone;

  AdjacentReads(LiveIndex index, SegmentFolder segments, StoreParts parts, BlockFetch alone) {
    this.index = index;
    this.segments = segments;
    this.parts = parts;
    this.alone = alone;
  }

  /** A record and the aligned memory that its payload goes to. */
  private record Neighbour(IndexEntry entry, MemorySegment payload) {

    boolean isFollowedBy(Neighbour next) {
      Location here = entry.location();
      Location there = next.entry.location();
      return here.segment() == there.segment()
          && here.offset() + entry.footprint() == there.offset();
    }
  }

  /** An outcome for each of {@code wanted}, in this order. */
  List<ReadOutcome> read(List<BlockTarget> wanted) {
    List<ReadOutcome> outcomes = new ArrayList<>(wanted.size());
    while (outcomes.size() < wanted.size()) {
      List<BlockTarget> rest = wanted.subList(outcomes.size(), wanted.size());
      List<Neighbour> run = run(rest);
      if (run.size() < 2 || !fetch(run)) {
        outcomes.add(alone.read(rest.getFirst().key(), rest.getFirst().target()));
        continue;
      }
      for (int i = 0; i < run.size(); i++) {
        IndexEntry entry = run.get(i).entry;
        outcomes.add(
            BlockFetch.payloadRefusal(run.get(i).payload, entry).isEmpty()
                ? new ReadOutcome.Found(entry.header())
                : alone.read(rest.get(i).key(), rest.get(i).target()));
      }
    }
    return outcomes;
  }

  /** The records at the front of {@code wanted} that one request can read. */
  private List<Neighbour> run(List<BlockTarget> wanted) {
    List<Neighbour> run = new ArrayList<>();
    long bytes = 0;
    for (BlockTarget one : wanted) {
      Optional<Neighbour> next = find(one);
      if (next.isEmpty() || !(run.isEmpty() || run.getLast().isFollowedBy(next.get()))) {
        break;
      }
      bytes += next.get().entry.footprint();
      if (bytes > LARGEST_REQUEST) {
        break;
      }
      run.add(next.get());
    }
    return run;
  }

  private Optional<Neighbour> find(BlockTarget wanted) {
    if (!(index.find(wanted.key()) instanceof IndexReading.Sound(IndexEntry entry))
        || !entry.header().key().equals(wanted.key())) {
      return Optional.empty();
    }
    MemorySegment payload = Targets.front(wanted.target(), entry.header().payloadBytes());
    return BlockFetch.isAligned(payload)
        ? Optional.of(new Neighbour(entry, payload))
        : Optional.empty();
  }

  /** Fills the targets, and says whether every record is the one that the index names. */
  private boolean fetch(List<Neighbour> run) {
    IndexEntry first = run.getFirst().entry;
    Segment segment = segments.find(first.location().segment());
    if (segment == null || !segment.hold()) {
      return false;
    }
    try (AlignedBuffers.Loan loan = parts.buffers().take(run.size() * PAGE)) {
      MemorySegment headers = loan.front(run.size() * PAGE);
      List<MemorySegment> pieces = new ArrayList<>(2 * run.size());
      for (Neighbour one : run) {
        pieces.add(headers.asSlice(pieces.size() / 2 * PAGE, PAGE));
        pieces.add(one.payload);
      }
      segment.file.read(pieces, first.location().offset());
      for (int i = 0; i < run.size(); i++) {
        MemorySegment header = pieces.get(2 * i);
        if (SegmentRecordDescriptor.refusal(header, parts.store(), run.get(i).entry).isPresent()) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      BlockFetch.release(segment);
    }
  }
}
