package dev.varve.offload;

import dev.varve.offload.transfer.TierSpeeds;
import dev.varve.offload.variant.RowsReader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.BlockTarget;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads blocks from the tiers below HOT, nearest first, and decodes them. A copy that fails a check
 * is struck from the catalog and removed, and the next tier is asked. Thread-safe.
 */
public final class BlockFetcher {

  private static final Logger LOG = LoggerFactory.getLogger(BlockFetcher.class);

  private static final int ATTEMPTS = 3;

  private final Tiers tiers;
  private final Counters counters;
  private final TierSpeeds speeds;

  /** A fetcher whose reads nobody times. */
  public BlockFetcher(Tiers tiers, Counters counters) {
    this(tiers, counters, new TierSpeeds(() -> 0));
  }

  /**
   * @param speeds told how long every read that gave its block took
   */
  public BlockFetcher(Tiers tiers, Counters counters, TierSpeeds speeds) {
    this.tiers = tiers;
    this.counters = counters;
    this.speeds = speeds;
  }

  /**
   * Copies the block to the front of {@code target}.
   *
   * @return the tier that gave it, or empty if none holds it whole: then it is lost, which is
   *     counted, or {@linkplain Chunk#hotHandle hot} by now
   */
  public Optional<Tier> read(Chunk chunk, int layer, MemorySegment target) {
    return read(chunk, layer, (tier, key) -> tiers.variants().read(tier, key, target));
  }

  /**
   * Fills {@code target} with the block as it is stored, if the nearest tier that holds it is
   * memory and nobody has to be waited for.
   *
   * @return false if that cannot be, or the block has another length or fails its check: who reads
   *     it otherwise learns which
   */
  public boolean readNow(Chunk chunk, int layer, MemorySegment target) {
    for (BlockTier tier : tiers.lower()) {
      if (chunk.in(tier.tier(), layer)) {
        boolean done = raw(tier, chunk, layer).filter(key -> tier.readNow(key, target)).isPresent();
        if (done) {
          counters.read(tier.tier(), target.byteSize());
        }
        return done;
      }
    }
    return false;
  }

  /**
   * Shows the block as it is stored, under the same checks. The reader may neither change nor close
   * a tier, and must be quick.
   *
   * @return the tier that gave it, or empty if none holds it whole
   */
  public Optional<Tier> show(Chunk chunk, int layer, BlockReader reader) {
    return read(chunk, layer, (tier, key) -> tier.with(key, reader));
  }

  /**
   * Shows the rows of a block, under the same checks: in place where it is raw, head by head where
   * its encoding allows that. How long the reader takes is not taken for the speed of a tier.
   *
   * @param scratch native memory, at least as long as a raw block, for encodings that are decoded
   *     as a whole
   * @param reader may neither change nor close a tier, and must be quick
   * @return the tier that gave it, or empty if none holds it whole
   */
  public Optional<Tier> showRows(Chunk chunk, int layer, MemorySegment scratch, RowsReader reader) {
    return read(
        chunk,
        layer,
        new Way() {
          @Override
          public ReadOutcome read(BlockTier tier, BlockKey key) {
            return tiers.variants().show(tier, key, scratch, reader);
          }

          @Override
          public boolean timed() {
            return false;
          }
        });
  }

  /** How a block is taken from a tier. */
  @FunctionalInterface
  private interface Way {
    ReadOutcome read(BlockTier tier, BlockKey key);

    /** Whether the time that this takes is that of the tier. */
    default boolean timed() {
      return true;
    }
  }

  private Optional<Tier> read(Chunk chunk, int layer, Way way) {
    // A block that is being carried may leave a tier right after it was seen there.
    for (int refused = 0; refused < ATTEMPTS; ) {
      boolean asked = false;
      for (BlockTier tier : tiers.lower()) {
        if (chunk.in(tier.tier(), layer)) {
          asked = true;
          if (read(tier, chunk, layer, way, refused + 1 == ATTEMPTS)) {
            return Optional.of(tier.tier());
          }
        }
      }
      if (chunk.in(Tier.HOT, layer)) {
        return Optional.empty();
      }
      if (!asked && !chunk.anywhere(layer)) {
        break;
      }
      refused += asked ? 1 : 0;
    }
    counters.readLost();
    return Optional.empty();
  }

  /**
   * Copies several blocks of a chunk, those side by side on a disk with one request.
   *
   * @param layers in the order in which chunks are written: rising
   * @param targets one for each of {@code layers}; a block goes to the front of it
   * @return for each of {@code layers} what {@link #read} says: whether its target holds it
   */
  public List<Boolean> readAll(Chunk chunk, List<Integer> layers, List<MemorySegment> targets) {
    boolean[] found = new boolean[layers.size()];
    for (BlockTier tier : tiers.lower()) {
      List<Integer> asked = new ArrayList<>();
      List<BlockTarget> wanted = new ArrayList<>();
      for (int i = 0; i < found.length; i++) {
        Optional<BlockKey> key = found[i] ? Optional.empty() : raw(tier, chunk, layers.get(i));
        if (key.isPresent()) {
          asked.add(i);
          wanted.add(new BlockTarget(key.get(), targets.get(i)));
        }
      }
      long start = speeds.nanoTime();
      List<ReadOutcome> outcomes = wanted.isEmpty() ? List.of() : tier.readAll(wanted);
      long each = (speeds.nanoTime() - start) / Math.max(1, wanted.size());
      for (int j = 0; j < outcomes.size(); j++) {
        settle(tier, chunk, wanted.get(j).key(), outcomes.get(j), OptionalLong.of(each));
        found[asked.get(j)] = outcomes.get(j) instanceof ReadOutcome.Found;
      }
    }
    List<Boolean> answers = new ArrayList<>();
    for (int i = 0; i < found.length; i++) {
      answers.add(found[i] || read(chunk, layers.get(i), targets.get(i)).isPresent());
    }
    return answers;
  }

  /** The key under which {@code tier} holds the raw block, if that is what it would read. */
  private Optional<BlockKey> raw(BlockTier tier, Chunk chunk, int layer) {
    return chunk.in(tier.tier(), layer)
        ? tiers.variants().readable(chunk, layer, tier.tier()).stream()
            .limit(1)
            .filter(key -> key.encoding().equals(Encoding.RAW))
            .findFirst()
        : Optional.empty();
  }

  private boolean read(BlockTier tier, Chunk chunk, int layer, Way way, boolean last) {
    for (BlockKey key : tiers.variants().readable(chunk, layer, tier.tier())) {
      ReadOutcome outcome = read(tier, chunk, key, way);
      if (!(outcome instanceof ReadOutcome.Absent)) {
        return outcome instanceof ReadOutcome.Found;
      }
    }
    if (last) {
      chunk.drop(layer, tier.tier());
    }
    return false;
  }

  private ReadOutcome read(BlockTier tier, Chunk chunk, BlockKey key, Way way) {
    long start = speeds.nanoTime();
    ReadOutcome outcome = way.read(tier, key);
    long nanos = speeds.nanoTime() - start;
    settle(tier, chunk, key, outcome, way.timed() ? OptionalLong.of(nanos) : OptionalLong.empty());
    return outcome;
  }

  private void settle(
      BlockTier tier, Chunk chunk, BlockKey key, ReadOutcome outcome, OptionalLong nanos) {
    switch (outcome) {
      case ReadOutcome.Found(var header) -> {
        // Predictions are about raw blocks, so decoding belongs to the time that one takes.
        long delivered = tiers.payloadBytes(chunk, key.layer());
        nanos.ifPresent(taken -> speeds.read(tier.tier(), delivered, taken));
        counters.read(tier.tier(), header.payloadBytes());
      }
      case ReadOutcome.Absent() -> {}
      case ReadOutcome.Damaged(String reason) -> {
        LOG.error("{} in {} failed its check and is dropped: {}", key, tier.tier(), reason);
        counters.readDamaged(tier.tier());
        tier.remove(List.of(key));
        chunk.drop(key.layer(), tier.tier());
      }
    }
  }
}
