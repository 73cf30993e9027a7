package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTarget;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.TierListener;
import dev.varve.store.TierUsage;
import dev.varve.store.internal.TierGate;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SSD tier: what was put is found again after the process, and after its death. Thread-safe;
 * changes run one at a time, reads beside them and beside each other.
 *
 * <p>A batch is written to a segment file and visible at once. It is forced to the disk when its
 * {@link Durability} asks for it: within the put, or in a later {@link #sync}. The index names it
 * after that, many batches in one transaction; until then a restart finds it by the segments. The
 * tier has no thread: somebody calls {@link #work}. A block is checked on every read: header, full
 * key, sequence and CRC32C.
 */
public final class SsdTier implements BlockTier {

  /** Blocks that wait for a sync at most; a put beyond syncs first. */
  static final int MOST_PENDING = 4096;

  private static final Logger log = LoggerFactory.getLogger(SsdTier.class);
  private static final long CLEAN = Long.MIN_VALUE;

  private final SsdTierConfig config;
  private final StoreFolder folder;
  private final LiveIndex index;
  private final SegmentFolder segments;
  private final SegmentLog segmentLog;
  private final BlockFetch fetch;
  private final AdjacentReads adjacent;
  private final Admission admission;
  private final StoreParts parts;
  private final LongSupplier nanoTime;
  private final TierGate gate = new TierGate("SSD tier");
  private volatile TierUsage usage;
  private volatile TierListener listener = TierListener.NONE;

  /** When the oldest change was made that is not on the disk; {@link #CLEAN} if there is none. */
  private long dirtySince = CLEAN;

  /** Whether a pending block may not be on the disk. */
  private boolean unforced;

  private SsdTier(
      SsdTierConfig config,
      StoreFolder folder,
      SegmentFolder segments,
      StoreParts parts,
      LongSupplier nanoTime)
      throws IOException {
    this.config = config;
    this.folder = folder;
    this.segments = segments;
    this.parts = parts;
    this.nanoTime = nanoTime;
    Recovery.Found found = new Recovery(folder, segments, parts, config.capacityBytes()).open();
    index = new LiveIndex(found.index());
    fetch = new BlockFetch(index, segments, parts);
    adjacent = new AdjacentReads(index, segments, parts, fetch);
    admission = new Admission(index, config.capacityBytes());
    segmentLog = new SegmentLog(segments, config.segmentBytes(), parts);
    boolean resumed = false;
    try {
      segmentLog.resume(found.lastSequence());
      finishRemovals(found);
      resumed = true;
    } finally {
      if (!resumed) {
        found.index().close();
      }
    }
    usage =
        new TierUsage(
            found.blocks(),
            found.payloadBytes(),
            segments.usedBytes(false),
            config.capacityBytes());
  }

  /**
   * Opens the store in the configured folder, making it if needed.
   *
   * @throws StoreException if the folder is in use, of another format, or cannot be written
   */
  public static SsdTier open(SsdTierConfig config) {
    return open(config, StoreOpening::filesFor, System::nanoTime);
  }

  static SsdTier open(SsdTierConfig config, StoreOpening.FilesOf files, LongSupplier nanoTime) {
    return StoreOpening.open(
        StoreFolder.open(config.folder()),
        files,
        config.capacityBytes(),
        (folder, segments, parts) -> {
          SsdTier tier = new SsdTier(config, folder, segments, parts, nanoTime);
          try {
            tier.fitCapacity();
            return tier;
          } catch (StoreException | IOException e) {
            tier.index.onDisk().close();
            throw e;
          }
        });
  }

  /**
   * Makes the index of a closed store anew from its segment files alone.
   *
   * @return blocks in the new index
   * @throws StoreException if there is no store, it is in use, or cannot be written
   */
  public static long rebuild(Path folder) {
    return StoreMaintenance.rebuild(folder, false).blocks();
  }

  @Override
  public Tier tier() {
    return Tier.SSD;
  }

  @Override
  public int put(List<EncodedBlock> blocks) {
    blocks.forEach(admission::checkSize);
    try (var _ = gate.enterToChange()) {
      if (isDue() || index.pending() + Math.min(blocks.size(), MOST_PENDING) > MOST_PENDING) {
        syncNow();
      }
      List<BlockKey> damaged = admission.damaged(blocks);
      if (!damaged.isEmpty()) {
        removeNow(damaged);
      }
      List<EncodedBlock> batch = new ArrayList<>();
      int count = admission.select(blocks, usage.usedBytes(), batch);
      if (!batch.isEmpty()) {
        count(write(batch), 1);
      }
      return count;
    }
  }

  private List<IndexEntry> write(List<EncodedBlock> batch) {
    try {
      boolean sync = config.durability() instanceof Durability.Sync;
      List<IndexEntry> written = segmentLog.append(batch, sync ? this::force : index::addPending);
      unforced |= !sync;
      markDirty();
      return written;
    } catch (StoreException e) {
      parts.events().failedPuts.increment();
      log.error("a put of {} blocks failed: {}", batch.size(), e.getMessage());
      throw e;
    }
  }

  /** Data on the disk are enough: a restart finds what the index does not name yet. */
  private void force(List<IndexEntry> entries) throws IOException {
    segmentLog.force();
    parts.events().syncs.increment();
    index.addPending(entries);
  }

  private void markDirty() {
    if (dirtySince == CLEAN) {
      dirtySince = Math.max(nanoTime.getAsLong(), CLEAN + 1);
    }
  }

  private boolean isDue() {
    return dirtySince != CLEAN
        && config.durability() instanceof Durability.Batched(int millis)
        && nanoTime.getAsLong() - dirtySince >= TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /**
   * One step of the agent that keeps the bound of {@link Durability.Batched}: syncs if it is due.
   *
   * @return 1 if it did, 0 if there was nothing to do
   */
  @Override
  public int work() {
    try (var _ = gate.enterToChange()) {
      if (!isDue()) {
        return 0;
      }
      syncNow();
      return 1;
    }
  }

  /**
   * Returns once everything put and removed so far is on the disk.
   *
   * @throws StoreException if the disk refuses; if it refused data, the blocks that waited for this
   *     are lost, if it refused the index, they wait on
   */
  @Override
  public void sync() {
    try (var _ = gate.enterToChange()) {
      if (!segmentLog.allMarked()) {
        markDirty();
      }
      syncNow();
      requireMarks();
    }
  }

  /** A removal without its mark is not final: the one who asked for it has to know. */
  private void requireMarks() {
    if (!segmentLog.allMarked()) {
      throw new StoreException(
          "removed blocks in "
              + segments.folder()
              + " cannot be marked as such: they are gone, but would come back if the index had to"
              + " be rebuilt: check the disk and sync again");
    }
  }

  private void syncNow() {
    if (dirtySince == CLEAN) {
      return;
    }
    try {
      segmentLog.force();
      unforced = false;
      noteForcedMarks();
      index.commitPending();
      dirtySince = CLEAN;
      parts.events().syncs.increment();
    } catch (IOException e) {
      List<IndexEntry> lost = unforced ? index.dropPending() : List.of();
      unforced = false;
      segmentLog.forgetUnforced();
      segmentLog.removed(lost);
      count(lost, -1);
      dirtySince = CLEAN;
      parts.events().failedSyncs.increment();
      parts.events().lostBlocks.add(lost.size());
      String text =
          "the disk did not take %d blocks in %s: %s; they are lost, what was synced before is"
              .formatted(lost.size(), segments.folder(), e.getMessage());
      log.error("{} untouched", text);
      throw new StoreException(text + " untouched: check the disk", e);
    } catch (StoreException e) {
      parts.events().failedSyncs.increment();
      log.error("{} blocks still wait for a sync: {}", index.pending(), e.getMessage());
      throw e;
    }
  }

  private void noteForcedMarks() {
    if (segmentLog.allMarked()) {
      index.marksForced();
    }
  }

  /** Marks the records whose removal an earlier process did not finish. */
  private void finishRemovals(Recovery.Found found) throws IOException {
    if (!found.removals().isEmpty()) {
      found.removals().forEach(segmentLog::mark);
      segmentLog.force();
      if (segmentLog.allMarked()) {
        found.index().set(List.of(), found.lastSequence(), found.removals());
      }
    }
  }

  /** Lets the oldest segments go while the store is larger than its capacity. */
  private void fitCapacity() throws IOException {
    long excess = usage.usedBytes() - config.capacityBytes();
    if (excess > 0) {
      int removed = remove(reclaimable(excess));
      segments.fitCapacity();
      log.warn(
          "the store in {} was {} bytes larger than its capacity of {}: its {} oldest blocks are"
              + " removed",
          segments.folder(),
          excess,
          config.capacityBytes(),
          removed);
    }
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    try (var _ = gate.enterToRead()) {
      return fetch.read(key, target);
    }
  }

  @Override
  public List<ReadOutcome> readAll(List<BlockTarget> wanted) {
    try (var _ = gate.enterToRead()) {
      return adjacent.read(wanted);
    }
  }

  @Override
  public ReadOutcome with(BlockKey key, BlockReader reader) {
    try (var _ = gate.enterToRead()) {
      return fetch.with(key, reader);
    }
  }

  /**
   * Forgets blocks for good: once this returns, the death of the process does not bring them back,
   * even if the index is then damaged; nor does a loss of power, unless the index is damaged with
   * it before the next {@link #sync}. With {@link Durability.Sync} not even that. Their bytes stay
   * in the files until these are written over or deleted.
   *
   * @throws StoreException if the disk refuses; the blocks are gone if the index took it
   */
  @Override
  public int remove(Collection<BlockKey> keys) {
    try (var _ = gate.enterToChange()) {
      return removeNow(keys);
    }
  }

  private int removeNow(Collection<BlockKey> keys) {
    if (index.anyPending(keys) || index.unsettled() + keys.size() > MOST_PENDING) {
      // So that a batch behind the end of the index is never found in part.
      syncNow();
    }
    BlockIndex.Removal removal = index.remove(keys);
    List<IndexEntry> removed = new ArrayList<>(removal.sound());
    for (Location place : removal.unreadable()) {
      segmentLog.recordAt(place).ifPresent(removed::add);
    }
    segmentLog.removed(removed);
    count(removed, -1);
    if (removal.count() > 0) {
      markDirty();
      if (config.durability() instanceof Durability.Sync) {
        syncNow();
        requireMarks();
      }
    }
    return removal.count();
  }

  @Override
  public List<BlockKey> reclaimable(long bytes) {
    try (var _ = gate.enterToRead()) {
      List<BlockKey> keys = new ArrayList<>();
      long sum = 0;
      for (Segment segment : segments.oldestFirst()) {
        if (sum >= bytes) {
          break;
        }
        index.entriesOf(segment.id).forEach(entry -> keys.add(entry.header().key()));
        sum += segment.end();
      }
      return keys;
    }
  }

  /**
   * Copies the blocks of sparse segments to the end of the log, so that their files become free,
   * and deletes free files.
   *
   * @param leastLive a segment is sparse if less than this part of it is live; in [0, 1]
   * @param poolBytes most bytes of free files to keep
   */
  public Compaction compact(double leastLive, long poolBytes) {
    try (var _ = gate.enterToChange()) {
      syncNow();
      long before = segments.usedBytes(true);
      Compactor compactor = new Compactor(index, segments, segmentLog, fetch);
      try {
        long moved = compactor.run(leastLive, config.capacityBytes());
        segmentLog.trim();
        segments.shrinkPool(poolBytes);
        return new Compaction(moved, compactor.skipped(), before - segments.usedBytes(true));
      } finally {
        count(List.of(), 1);
      }
    } catch (IOException e) {
      throw new StoreException(
          "cannot compact " + segments.folder() + ": " + e + ": check the disk", e);
    }
  }

  /** Removes every block that fails a check; returns how many. */
  long dropDamaged() {
    List<BlockKey> damaged = new ArrayList<>();
    try (var _ = gate.enterToRead()) {
      for (Segment segment : segments.oldestFirst()) {
        for (IndexEntry entry : index.entriesOf(segment.id)) {
          fetch
              .refusal(entry)
              .ifPresent(reason -> {
                log.error("SSD tier, damaged and dropped: {}", reason);
                damaged.add(entry.header().key());
              });
        }
      }
    }
    return damaged.isEmpty() ? 0 : remove(damaged);
  }

  @Override
  public void forEach(Consumer<BlockHeader> consumer) {
    try (var _ = gate.enterToRead()) {
      index.forEach(reading -> {
        if (reading instanceof IndexReading.Sound(IndexEntry entry)) {
          consumer.accept(entry.header());
        }
      });
    }
  }

  @Override
  public void listen(TierListener told) {
    listener = told;
  }

  @Override
  public TierUsage usage() {
    try (var _ = gate.enterToRead()) {
      return usage;
    }
  }

  /** What went wrong, and how often, since the tier was opened. */
  public SsdCounters counters() {
    return parts.events().snapshot(parts.files().mode());
  }

  @Override
  public long footprint(int payloadBytes) {
    return SegmentRecordDescriptor.footprint(payloadBytes);
  }

  @Override
  public void close() {
    gate.close(() -> {
      boolean synced = false;
      try {
        syncNow();
        index.forgetSettled();
        synced = true;
      } catch (StoreException e) {
        log.error("{} is closed without a last sync: {}", segments.folder(), e.getMessage());
      } finally {
        segments.close();
        index.onDisk().close();
        StoreOpening.close(folder, synced);
      }
    });
  }

  LiveIndex index() {
    return index;
  }

  /** Adds ({@code sign} 1) or subtracts (-1) blocks; the bytes used are those of the files. */
  private void count(List<IndexEntry> entries, int sign) {
    TierListener told = listener;
    for (IndexEntry entry : entries) {
      if (sign > 0) {
        told.entered(entry.header());
      } else {
        told.left(entry.header());
      }
    }
    long payload = entries.stream().mapToLong(entry -> entry.header().payloadBytes()).sum();
    usage =
        new TierUsage(
            usage.blocks() + (long) sign * entries.size(),
            usage.payloadBytes() + sign * payload,
            segments.usedBytes(false),
            config.capacityBytes());
  }
}
