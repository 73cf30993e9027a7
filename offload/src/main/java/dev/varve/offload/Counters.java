package dev.varve.offload;

import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What has been carried, found and lost since the cache was opened. Thread-safe. */
public final class Counters {

  private final Map<Tier, LongAdder> reads = adders();
  private final Map<Tier, LongAdder> readBytes = adders();
  private final Map<Tier, LongAdder> writes = adders();
  private final Map<Tier, LongAdder> damaged = adders();
  private final Map<Tier, LongAdder> sealedBytes = adders();
  private final Map<Tier, LongAdder> writtenBytes = adders();
  private final Map<Tier, LongAdder> unapplied = adders();
  private final Map<Tier, LongAdder> passedOn = adders();
  private final LongAdder droppedPuts = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final LongAdder agentFailures = new LongAdder();
  private final LongAdder prefetched = new LongAdder();
  private final LongAdder readAhead = new LongAdder();

  void read(Tier tier, long bytes) {
    adder(reads, tier).increment();
    adder(readBytes, tier).add(bytes);
  }

  /** A block was attended where it lies, in HOT. */
  public void hotRead(long bytes) {
    read(Tier.HOT, bytes);
  }

  /** A block that takes {@code sealed} bytes raw was written in {@code written}. */
  void wrote(Tier tier, long sealed, long written) {
    adder(writes, tier).increment();
    adder(sealedBytes, tier).add(sealed);
    adder(writtenBytes, tier).add(written);
  }

  /** Returns how many blocks that makes. */
  long encodingRefused(Tier tier) {
    LongAdder blocks = adder(unapplied, tier);
    blocks.increment();
    return blocks.sum();
  }

  void wasPassedOn(Tier tier) {
    adder(passedOn, tier).increment();
  }

  void readDamaged(Tier tier) {
    adder(damaged, tier).increment();
  }

  void putsDropped(int blocks) {
    droppedPuts.add(blocks);
  }

  void readLost() {
    lost.increment();
  }

  void retried(int blocks) {
    retried.add(blocks);
  }

  void gaveUp(int blocks) {
    givenUp.add(blocks);
  }

  void prefetched() {
    prefetched.increment();
  }

  /** A far block was there before attention came to it. */
  public void readAheadOfNeed() {
    readAhead.increment();
  }

  void agentFailed() {
    agentFailures.increment();
  }

  /** Blocks read from {@code tier} to be attended or loaded. */
  public long reads(Tier tier) {
    return adder(reads, tier).sum();
  }

  /** Payload bytes of these reads. */
  public long readBytes(Tier tier) {
    return adder(readBytes, tier).sum();
  }

  /** Blocks written to {@code tier}. */
  public long writes(Tier tier) {
    return adder(writes, tier).sum();
  }

  /** What the blocks written to {@code tier} take raw. */
  public long sealedBytes(Tier tier) {
    return adder(sealedBytes, tier).sum();
  }

  /** What they took as they were written. */
  public long writtenBytes(Tier tier) {
    return adder(writtenBytes, tier).sum();
  }

  /** Blocks that were to go to {@code tier} encoded and stayed raw. */
  public long unapplied(Tier tier) {
    return adder(unapplied, tier).sum();
  }

  /**
   * Blocks that {@code tier} holds as a nearer tier had written them, for what was sealed was gone.
   */
  public long passedOn(Tier tier) {
    return adder(passedOn, tier).sum();
  }

  /** Reads from {@code tier} that failed a check. */
  public long damaged(Tier tier) {
    return adder(damaged, tier).sum();
  }

  /** Blocks that no lower tier had room for. */
  public long droppedPuts() {
    return droppedPuts.sum();
  }

  /** Blocks that were tried again after their tier had refused them. */
  public long retries() {
    return retried.sum();
  }

  /** Blocks that were tried again so often in vain that they are not any more. */
  public long givenUp() {
    return givenUp.sum();
  }

  /** Blocks that prefetches made hot. */
  public long prefetches() {
    return prefetched.sum();
  }

  /** Far blocks that were there when attention came to them, because they were read ahead. */
  public long readsAhead() {
    return readAhead.sum();
  }

  /** Failures that the agent outlived. */
  public long agentFailures() {
    return agentFailures.sum();
  }

  /** Reads that found the block in no tier. */
  public long lost() {
    return lost.sum();
  }

  private static LongAdder adder(Map<Tier, LongAdder> adders, Tier tier) {
    LongAdder adder = adders.get(tier);
    if (adder == null) {
      throw new IllegalArgumentException("no counter for " + tier);
    }
    return adder;
  }

  private static Map<Tier, LongAdder> adders() {
    EnumMap<Tier, LongAdder> adders = new EnumMap<>(Tier.class);
    for (Tier tier : Tier.values()) {
      adders.put(tier, new LongAdder());
    }
    return adders;
  }
}
