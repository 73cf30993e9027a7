package dev.varve.store.host;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.HeaderReading;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import dev.varve.store.TierListener;
import dev.varve.store.TierUsage;
import dev.varve.store.internal.IndexForm;
import dev.varve.store.internal.Targets;
import dev.varve.store.internal.TierGate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HOST tier: blocks in off-heap memory, gone with the process. Thread-safe; changes run one at
 * a time, reads beside them and beside each other.
 *
 * <p>Memory: at most 1.25 times the configured capacity of blocks, touched as blocks come, plus
 * some hundred bytes of heap per block. {@link #with} shows the map's own memory under its read
 * lock: a reader must be quick and must stay on its thread, for a change of a neighbour waits for
 * it.
 */
public final class ChronicleHostTier implements BlockTier {

  private static final Logger log = LoggerFactory.getLogger(ChronicleHostTier.class);
  private static final ReadOutcome ABSENT = new ReadOutcome.Absent();

  private final HostTierConfig config;
  private final HostMap map;
  private final HeldBlocks held = new HeldBlocks();
  private final TierGate gate = new TierGate("host tier");

  private ChronicleHostTier(HostTierConfig config, HostMap map) {
    this.config = config;
    this.map = map;
  }

  /** Opens an empty tier. The first one in a JVM takes seconds: Chronicle generates classes. */
  public static ChronicleHostTier open(HostTierConfig config) {
    ChronicleQuiet.apply();
    return new ChronicleHostTier(config, new HostMap(HostMapLayout.of(config)));
  }

  @Override
  public Tier tier() {
    return Tier.HOST;
  }

  @Override
  public int put(List<EncodedBlock> blocks) {
    blocks.forEach(this::checkSize);
    try (var _ = gate.enterToChange()) {
      Map<ByteBuffer, BlockHeader> added = new LinkedHashMap<>();
      boolean complete = false;
      try {
        int count = fill(blocks, added);
        held.addAll(added);
        complete = true;
        return count;
      } finally {
        if (!complete) {
          added.values().forEach(header -> map.remove(IndexForm.of(header.key())));
        }
      }
    }
  }

  /** Writes blocks that nobody sees yet; returns how many from the first on have room. */
  private int fill(List<EncodedBlock> blocks, Map<ByteBuffer, BlockHeader> added) {
    long used = usedBytes();
    int count = 0;
    for (EncodedBlock block : blocks) {
      BlockKey key = block.header().key();
      byte[] indexForm = IndexForm.of(key);
      if (!isHeld(key, indexForm, added)) {
        long footprint = footprint(block.header().payloadBytes());
        if (used + footprint > config.capacityBytes() || !map.put(indexForm, block)) {
          break;
        }
        used += footprint;
        added.put(ByteBuffer.wrap(indexForm), block.header());
      }
      count++;
    }
    return count;
  }

  /** Whether {@code key} is held; another key of the same index form is refused. */
  private boolean isHeld(BlockKey key, byte[] indexForm, Map<ByteBuffer, BlockHeader> added) {
    BlockHeader before = added.get(ByteBuffer.wrap(indexForm));
    if (before == null) {
      before = held.find(indexForm);
    }
    if (before == null || before.key().equals(key)) {
      return before != null;
    }
    throw new IllegalArgumentException(
        key + " and " + before.key() + " share their first 128 bits: only one can be stored");
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    return visit(key, copyTo(target));
  }

  @Override
  public boolean readNow(BlockKey key, MemorySegment target) {
    Optional<TierGate.Passage> entered = gate.tryEnterToRead();
    if (entered.isEmpty()) {
      return false;
    }
    Delivery copy =
        (header, stored) ->
            header.payloadBytes() == target.byteSize() && copyTo(target).deliver(header, stored);
    try (var _ = entered.get()) {
      byte[] indexForm = IndexForm.of(key);
      return held.find(indexForm) != null
          && map.lookNow(indexForm, entry -> check(key, entry, copy)) instanceof ReadOutcome.Found;
    }
  }

  private static Delivery copyTo(MemorySegment target) {
    return (header, stored) -> {
      MemorySegment payload = Targets.front(target, header.payloadBytes());
      return BlockChecksum.copy(stored, payload) == header.payloadCrc();
    };
  }

  @Override
  @SuppressWarnings("restricted")
  public ReadOutcome with(BlockKey key, BlockReader reader) {
    return visit(
        key,
        (header, stored) -> {
          if (BlockChecksum.crc32c(stored) != header.payloadCrc()) {
            return false;
          }
          // A view of its own lifetime: whoever keeps it gets an exception, not another's bytes.
          try (Arena call = Arena.ofConfined()) {
            long bytes = stored.byteSize();
            reader.read(header, stored.reinterpret(bytes, call, null).asReadOnly());
          }
          return true;
        });
  }

  /** Delivers a checked header's payload; false if the payload's checksum does not match. */
  @FunctionalInterface
  private interface Delivery {
    boolean deliver(BlockHeader header, MemorySegment stored);
  }

  private ReadOutcome visit(BlockKey key, Delivery delivery) {
    try (var _ = gate.enterToRead()) {
      byte[] indexForm = IndexForm.of(key);
      if (held.find(indexForm) == null) {
        return ABSENT;
      }
      ReadOutcome outcome = map.look(indexForm, entry -> check(key, entry, delivery));
      if (outcome instanceof ReadOutcome.Damaged(String reason)) {
        log.error("host tier: {} is damaged: {}", key, reason);
      }
      return outcome == null ? ABSENT : outcome;
    }
  }

  private static ReadOutcome check(BlockKey key, MemorySegment entry, Delivery delivery) {
    return switch (BlockHeaderDescriptor.read(entry, 0)) {
      case HeaderReading.Refused(String reason) -> new ReadOutcome.Damaged(reason);
      case HeaderReading.Sound(BlockHeader header) when !header.key().equals(key) -> ABSENT;
      case HeaderReading.Sound(BlockHeader header) -> {
        int payloadBytes = header.payloadBytes();
        if (entry.byteSize() != HostMapLayout.valueBytes(payloadBytes)) {
          yield new ReadOutcome.Damaged(
              "entry of " + entry.byteSize() + " bytes for a payload of " + payloadBytes);
        }
        MemorySegment stored = entry.asSlice(BlockHeaderDescriptor.HEADER_LENGTH, payloadBytes);
        yield delivery.deliver(header, stored)
            ? new ReadOutcome.Found(header)
            : new ReadOutcome.Damaged("payload CRC does not match");
      }
    };
  }

  @Override
  public int remove(Collection<BlockKey> keys) {
    try (var _ = gate.enterToChange()) {
      List<byte[]> removed = held.removeAll(keys);
      removed.forEach(map::remove);
      return removed.size();
    }
  }

  @Override
  public List<BlockKey> reclaimable(long bytes) {
    try (var _ = gate.enterToRead()) {
      return held.oldest(bytes);
    }
  }

  @Override
  public void forEach(Consumer<BlockHeader> consumer) {
    try (var _ = gate.enterToRead()) {
      held.snapshot().forEach(consumer);
    }
  }

  @Override
  public void listen(TierListener listener) {
    held.listen(listener);
  }

  @Override
  public TierUsage usage() {
    try (var _ = gate.enterToRead()) {
      return held.usage(config.capacityBytes());
    }
  }

  @Override
  public long footprint(int payloadBytes) {
    return HostMapLayout.footprint(payloadBytes);
  }

  @Override
  public void close() {
    gate.close(map::close);
  }

  HostMap map() {
    return map;
  }

  private long usedBytes() {
    return held.usage(config.capacityBytes()).usedBytes();
  }

  private void checkSize(EncodedBlock block) {
    if (block.header().payloadBytes() > config.largestPayloadBytes()) {
      throw new IllegalArgumentException(
          "a payload of "
              + block.header().payloadBytes()
              + " bytes is above the host tier's largestPayloadBytes of "
              + config.largestPayloadBytes());
    }
  }
}
