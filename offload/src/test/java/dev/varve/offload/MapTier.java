package dev.varve.offload;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A tier of so many blocks over a plain map, for tests of what moves. Thread-safe. */
final class MapTier implements BlockTier {

  private static final int FOOTPRINT = 1000;

  private final Tier tier;
  private final int capacity;
  private final Map<BlockKey, EncodedBlock> blocks = new LinkedHashMap<>();
  private final Set<BlockKey> damaged = new LinkedHashSet<>();
  private boolean broken;
  private Runnable beforeRead = () -> {};

  MapTier(Tier tier, int capacity) {
    this.tier = tier;
    this.capacity = capacity;
  }

  synchronized void damage(BlockKey key) {
    damaged.add(key);
  }

  synchronized void breakDown() {
    broken = true;
  }

  void beforeRead(Runnable action) {
    beforeRead = action;
  }

  synchronized void repair() {
    broken = false;
  }

  synchronized boolean holds(BlockKey key) {
    return blocks.containsKey(key);
  }

  @Override
  public Tier tier() {
    return tier;
  }

  @Override
  public synchronized int put(List<EncodedBlock> batch) {
    if (broken) {
      throw new StoreException("the disk is full");
    }
    int stored = 0;
    for (EncodedBlock block : batch) {
      BlockKey key = block.header().key();
      if (!blocks.containsKey(key) && blocks.size() == capacity) {
        return stored;
      }
      MemorySegment copy = Arena.ofAuto().allocate(block.payload().byteSize());
      blocks.putIfAbsent(key, new EncodedBlock(block.header(), copy.copyFrom(block.payload())));
      stored++;
    }
    return stored;
  }

  @Override
  public ReadOutcome read(BlockKey key, MemorySegment target) {
    beforeRead.run();
    return with(key, (header, payload) -> target.asSlice(0, payload.byteSize()).copyFrom(payload));
  }

  @Override
  public synchronized ReadOutcome with(BlockKey key, BlockReader reader) {
    EncodedBlock block = blocks.get(key);
    if (block == null) {
      return new ReadOutcome.Absent();
    }
    if (damaged.contains(key)) {
      return new ReadOutcome.Damaged("made so by the test");
    }
    reader.read(block.header(), block.payload());
    return new ReadOutcome.Found(block.header());
  }

  @Override
  public synchronized int remove(Collection<BlockKey> keys) {
    int before = blocks.size();
    keys.forEach(blocks::remove);
    keys.forEach(damaged::remove);
    return before - blocks.size();
  }

  @Override
  public synchronized List<BlockKey> reclaimable(long bytes) {
    List<BlockKey> keys = new ArrayList<>(blocks.keySet());
    int wanted = Math.toIntExact((bytes + FOOTPRINT - 1) / FOOTPRINT);
    return keys.subList(0, Math.min(wanted, keys.size()));
  }

  @Override
  public synchronized void forEach(Consumer<BlockHeader> consumer) {
    blocks.values().forEach(block -> consumer.accept(block.header()));
  }

  @Override
  public synchronized TierUsage usage() {
    long used = (long) blocks.size() * FOOTPRINT;
    return new TierUsage(blocks.size(), used, used, (long) capacity * FOOTPRINT);
  }

  @Override
  public long footprint(int payloadBytes) {
    return FOOTPRINT;
  }

  @Override
  public void close() {}
}
