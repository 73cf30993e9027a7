package dev.varve.offload.transfer;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** An SSD tier of headers only whose reads advance a clock of its own. */
final class SimulatedTier implements BlockTier {

  private static final long LATENCY_NANOS = 90_000;
  private static final int BYTES_PER_NANO = 2;

  private final Map<BlockKey, BlockHeader> headers = new LinkedHashMap<>();
  private final int capacity;
  private Optional<StoreException> failure = Optional.empty();
  private boolean damaged;
  private long extra;
  private long now = 12345;
  private int reads;
  private int puts;

  SimulatedTier(int capacity) {
    this.capacity = capacity;
  }

  long now() {
    return now;
  }

  double seconds(long bytes) {
    return (LATENCY_NANOS + (double) bytes / BYTES_PER_NANO) / 1e9;
  }

  void slowDown(long nanos) {
    extra = nanos;
  }

  void damageAll() {
    damaged = true;
  }

  void failPuts(StoreException e) {
    failure = Optional.of(e);
  }

  int reads() {
    return reads;
  }

  int puts() {
    return puts;
  }

  Set<BlockKey> keys() {
    return headers.keySet();
  }

  void hold(BlockKey key, long bytes) {
    headers.put(
        key, new BlockHeader(key, key.chunk().chain(), 0, 32, key.layer() + 1, (int) bytes, 0));
  }

  @Override
  public Tier tier() {
    return Tier.SSD;
  }

  @Override
  public int put(List<EncodedBlock> blocks) {
    failure.ifPresent(e -> {
      throw e;
    });
    puts++;
    blocks.forEach(block -> headers.put(block.header().key(), block.header()));
    return blocks.size();
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    reads++;
    BlockHeader header = headers.get(key);
    if (header == null) {
      return new ReadOutcome.Absent();
    }
    now += LATENCY_NANOS + header.payloadBytes() / BYTES_PER_NANO + extra;
    return damaged ? new ReadOutcome.Damaged("by the test") : new ReadOutcome.Found(header);
  }

  @Override
  public ReadOutcome with(BlockKey key, BlockReader reader) {
    throw new UnsupportedOperationException("a probe copies");
  }

  @Override
  public int remove(Collection<BlockKey> keys) {
    int before = headers.size();
    keys.forEach(headers::remove);
    return before - headers.size();
  }

  @Override
  public List<BlockKey> reclaimable(long bytes) {
    throw new UnsupportedOperationException("a probe reclaims nothing");
  }

  @Override
  public void forEach(Consumer<BlockHeader> consumer) {
    headers.values().forEach(consumer);
  }

  @Override
  public TierUsage usage() {
    return new TierUsage(headers.size(), 0, headers.size(), capacity);
  }

  @Override
  public long footprint(int payloadBytes) {
    return 1;
  }

  @Override
  public void close() {}
}
