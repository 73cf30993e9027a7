package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.TierListener;
import dev.varve.store.TierUsage;
import dev.varve.store.internal.IndexForm;
import dev.varve.store.internal.Targets;
import dev.varve.store.internal.TierGate;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SSD tier: what was put is found again after the process, and after its death. Thread-safe;
 * changes run one at a time, reads beside them and beside each other.
 *
 * <p>A batch is written to a segment file, forced to the disk, and only then named by the index, in
 * one transaction; a call that returned is durable. A block is checked on every read: header, full
 * key, sequence and CRC32C. {@link #with} reads into memory of its own.
 */
public final class SsdTier implements BlockTier {

  private static final Logger log = LoggerFactory.getLogger(SsdTier.class);
  private static final ReadOutcome ABSENT = new ReadOutcome.Absent();

  private final long capacityBytes;
  private final StoreFolder folder;
  private final BlockIndex index;
  private final SegmentLog segments;
  private final TierGate gate = new TierGate("SSD tier");
  private volatile TierUsage usage;
  private volatile TierListener listener = TierListener.NONE;

  private SsdTier(SsdTierConfig config, StoreFolder folder, BlockIndex index, BlockFiles files)
      throws IOException {
    this.capacityBytes = config.capacityBytes();
    this.folder = folder;
    this.index = index;
    segments = new SegmentLog(folder.segments(), config.segmentBytes(), files);
    usage = new TierUsage(0, 0, 0, capacityBytes);
    List<IndexEntry> found = new ArrayList<>();
    index.forEach(reading -> {
      switch (reading) {
        case IndexReading.Sound(IndexEntry entry) -> found.add(entry);
        case IndexReading.Refused(String reason) ->
            log.error("{}: {}: its block is lost", folder.index(), reason);
        case IndexReading.Absent() -> {}
      }
    });
    for (IndexEntry entry : found) {
      segments.restore(entry);
    }
    segments.deleteUnnamed();
    count(found, 1);
  }

  /**
   * Opens the store in the configured folder, making it if needed.
   *
   * @throws StoreException if the folder is in use, of another format, or cannot be written
   */
  public static SsdTier open(SsdTierConfig config) {
    return open(config, BlockFiles.DISK);
  }

  static SsdTier open(SsdTierConfig config, BlockFiles files) {
    StoreFolder folder = StoreFolder.open(config.folder());
    BlockIndex index = null;
    boolean opened = false;
    try {
      index = BlockIndex.open(folder.index(), config.capacityBytes());
      SsdTier tier = new SsdTier(config, folder, index, files);
      opened = true;
      return tier;
    } catch (IOException e) {
      throw new StoreException(
          "cannot read the segments in " + folder.segments() + ": " + e + ": check the disk", e);
    } finally {
      if (!opened) {
        if (index != null) {
          index.close();
        }
        folder.close();
      }
    }
  }

  @Override
  public Tier tier() {
    return Tier.SSD;
  }

  @Override
  public int put(List<EncodedBlock> blocks) {
    blocks.forEach(this::checkSize);
    try (var _ = gate.enterToChange()) {
      Map<ByteBuffer, EncodedBlock> fresh = new HashMap<>();
      List<EncodedBlock> batch = new ArrayList<>();
      long used = usage.usedBytes();
      int count = 0;
      for (EncodedBlock block : blocks) {
        if (!isHeld(block.header().key(), fresh)) {
          used += footprint(block.header().payloadBytes());
          if (used > capacityBytes) {
            break;
          }
          fresh.put(ByteBuffer.wrap(IndexForm.of(block.header().key())), block);
          batch.add(block);
        }
        count++;
      }
      if (!batch.isEmpty()) {
        count(segments.append(batch, index::add), 1);
      }
      return count;
    }
  }

  /** Whether {@code key} is held; another key of the same index form is refused. */
  private boolean isHeld(BlockKey key, Map<ByteBuffer, EncodedBlock> fresh) {
    EncodedBlock before = fresh.get(ByteBuffer.wrap(IndexForm.of(key)));
    if (before != null) {
      return refuseOther(key, before.header().key());
    }
    return switch (index.find(key)) {
      case IndexReading.Sound(IndexEntry entry) -> refuseOther(key, entry.header().key());
      case IndexReading.Absent() -> false;
      case IndexReading.Refused(String reason) -> false;
    };
  }

  private static boolean refuseOther(BlockKey key, BlockKey held) {
    if (!held.equals(key)) {
      throw new IllegalArgumentException(
          key + " and " + held + " share their first 128 bits: only one can be stored");
    }
    return true;
  }

  /** Delivers a block whose header is checked; false if the payload's checksum does not match. */
  @FunctionalInterface
  private interface Delivery {
    boolean deliver(Segment segment, IndexEntry entry) throws IOException;
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    return visit(
        key,
        (segment, entry) ->
            readPayload(segment, entry, Targets.front(target, entry.header().payloadBytes())));
  }

  @Override
  public ReadOutcome with(BlockKey key, BlockReader reader) {
    return visit(
        key,
        (segment, entry) -> {
          try (Arena call = Arena.ofConfined()) {
            MemorySegment payload =
                call.allocate(entry.header().payloadBytes(), SegmentRecordDescriptor.PAGE);
            if (!readPayload(segment, entry, payload)) {
              return false;
            }
            reader.read(entry.header(), payload.asReadOnly());
            return true;
          }
        });
  }

  private static boolean readPayload(Segment segment, IndexEntry entry, MemorySegment payload)
      throws IOException {
    segment.file.read(payload, entry.location().offset() + SegmentRecordDescriptor.PAYLOAD_OFFSET);
    return BlockChecksum.crc32c(payload) == entry.header().payloadCrc();
  }

  private ReadOutcome visit(BlockKey key, Delivery delivery) {
    try (var _ = gate.enterToRead()) {
      while (true) {
        IndexReading found = index.find(key);
        ReadOutcome outcome = fetch(key, found, delivery);
        // A block that is removed under the reader loses its file: that is no damage.
        if (!(outcome instanceof ReadOutcome.Damaged) || found.equals(index.find(key))) {
          if (outcome instanceof ReadOutcome.Damaged(String reason)) {
            log.error("SSD tier, damaged: {}", reason);
          }
          return outcome;
        }
      }
    }
  }

  private ReadOutcome fetch(BlockKey key, IndexReading found, Delivery delivery) {
    return switch (found) {
      case IndexReading.Absent() -> ABSENT;
      case IndexReading.Refused(String reason) -> damaged(folder.index().toString(), key, reason);
      case IndexReading.Sound(IndexEntry entry) when !entry.header().key().equals(key) -> ABSENT;
      case IndexReading.Sound(IndexEntry entry) -> fetch(entry, delivery);
    };
  }

  private ReadOutcome fetch(IndexEntry entry, Delivery delivery) {
    Segment segment = segments.find(entry.location().segment());
    String place =
        (segment == null ? "segment " + entry.location().segment() : segment.path)
            + " at "
            + entry.location().offset();
    if (segment == null || !segment.hold()) {
      return damaged(place, entry.header().key(), "the segment is gone");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(SegmentRecordDescriptor.PAGE);
      segment.file.read(page, entry.location().offset());
      Optional<String> refusal = SegmentRecordDescriptor.refusal(page, entry);
      if (refusal.isPresent()) {
        return damaged(place, entry.header().key(), refusal.get());
      }
      return delivery.deliver(segment, entry)
          ? new ReadOutcome.Found(entry.header())
          : damaged(place, entry.header().key(), "payload CRC does not match");
    } catch (IOException e) {
      return damaged(place, entry.header().key(), e.toString());
    } finally {
      release(segment);
    }
  }

  private static ReadOutcome damaged(String place, BlockKey key, String reason) {
    return new ReadOutcome.Damaged(place + ": " + key + ": " + reason);
  }

  private static void release(Segment segment) {
    try {
      segment.release();
    } catch (IOException e) {
      log.warn("{} cannot be closed", segment.path, e);
    }
  }

  @Override
  public int remove(Collection<BlockKey> keys) {
    try (var _ = gate.enterToChange()) {
      BlockIndex.Removal removal = index.remove(keys);
      segments.removed(removal.sound());
      count(removal.sound(), -1);
      return removal.count();
    }
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
        keys.addAll(index.keysOf(segment.id));
        sum += segment.end();
      }
      return keys;
    }
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

  @Override
  public long footprint(int payloadBytes) {
    return SegmentRecordDescriptor.footprint(payloadBytes);
  }

  @Override
  public void close() {
    gate.close(() -> {
      segments.close();
      index.close();
      folder.close();
    });
  }

  BlockIndex index() {
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
    long used = segments.oldestFirst().stream().mapToLong(Segment::end).sum();
    usage =
        new TierUsage(
            usage.blocks() + (long) sign * entries.size(),
            usage.payloadBytes() + sign * payload,
            used,
            capacityBytes);
  }

  private void checkSize(EncodedBlock block) {
    long footprint = footprint(block.header().payloadBytes());
    if (footprint > capacityBytes) {
      throw new IllegalArgumentException(
          "a payload of "
              + block.header().payloadBytes()
              + " bytes takes "
              + footprint
              + ", the SSD tier has "
              + capacityBytes);
    }
  }
}
