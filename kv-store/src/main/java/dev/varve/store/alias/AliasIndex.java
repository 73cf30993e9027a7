package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * From the hashes of other engines to our chunks. Bounded: the alias that was not used for longest
 * gives way. Thread-safe.
 *
 * <p>It is a hint: a chunk that it names may be gone by now, and a chunk that it does not name may
 * be there. A hash that was entered for two different targets is ambiguous and finds nothing for as
 * long as the index remembers it.
 */
public final class AliasIndex {

  private static final int MOST_SHARDS = 16;

  private final List<Shard> shards = new ArrayList<>();
  private final int capacity;
  private final LongAdder evicted = new LongAdder();
  private final LongAdder ambiguous = new LongAdder();

  /** An empty index that keeps at most {@code capacity} aliases. */
  public AliasIndex(int capacity) {
    this.capacity = Checks.positive(capacity, "aliases kept");
    int count = Math.min(MOST_SHARDS, capacity);
    for (int i = 0; i < count; i++) {
      shards.add(new Shard(capacity / count + (i < capacity % count ? 1 : 0)));
    }
  }

  /** Enters one alias. */
  public void add(AliasScope scope, Digest256 hash, AliasTarget target) {
    if (!scope.covers(target.chunk())) {
      throw new IllegalArgumentException(
          "chunk "
              + target.chunk()
              + " is not of the scope's tenant and fingerprint ("
              + scope
              + "): enter it under its own");
    }
    Alias alias = new Alias(scope, hash);
    shard(alias).add(alias, target);
  }

  /**
   * Enters every block whose last token lies in one of {@code chunks}.
   *
   * @param hashes the engine's hashes of a sequence from its first token, block after block
   * @param chunks our keys of the same sequence from its first token, chunk after chunk
   * @param chunkTokens tokens of each of our chunks
   * @return how many were entered
   */
  public int addPrefix(
      AliasScope scope, List<Digest256> hashes, List<ChunkKey> chunks, int chunkTokens) {
    Checks.positive(chunkTokens, "tokens of a chunk");
    long held = (long) chunks.size() * chunkTokens;
    int count = (int) Math.min(hashes.size(), held / scope.blockTokens());
    for (int block = 0; block < count; block++) {
      long last = (block + 1L) * scope.blockTokens() - 1;
      ChunkKey chunk = chunks.get((int) (last / chunkTokens));
      add(scope, hashes.get(block), new AliasTarget(chunk, (int) (last % chunkTokens) + 1));
    }
    return count;
  }

  /** What {@code hash} stands for, if the index knows. */
  public Optional<AliasTarget> find(AliasScope scope, Digest256 hash) {
    Alias alias = new Alias(scope, hash);
    return shard(alias).find(alias);
  }

  /** The targets of the leading hashes, up to and without the first that is not known. */
  public List<AliasTarget> findLeading(AliasScope scope, List<Digest256> hashes) {
    List<AliasTarget> found = new ArrayList<>();
    for (Digest256 hash : hashes) {
      Optional<AliasTarget> target = find(scope, hash);
      if (target.isEmpty()) {
        break;
      }
      found.add(target.get());
    }
    return found;
  }

  /**
   * Removes every alias of the chunks that {@code gone} names; looks at all of them. What is known
   * to be ambiguous stays so.
   *
   * @return how many were removed
   */
  public int removeIf(Predicate<ChunkKey> gone) {
    return shards.stream().mapToInt(shard -> shard.removeIf(gone)).sum();
  }

  /** Aliases kept now, the ambiguous ones with them. */
  public int size() {
    return shards.stream().mapToInt(Shard::size).sum();
  }

  /** The most aliases that are kept. */
  public int capacity() {
    return capacity;
  }

  /** Aliases that gave way to others since the index was made. */
  public long evicted() {
    return evicted.sum();
  }

  /** Hashes found to be ambiguous since the index was made. */
  public long ambiguous() {
    return ambiguous.sum();
  }

  private Shard shard(Alias alias) {
    return shards.get((int) Long.remainderUnsigned(alias.hash().second(), shards.size()));
  }

  private record Alias(AliasScope scope, Digest256 hash) {}

  /** A part of the index behind one lock; an empty target marks an ambiguous hash. */
  private final class Shard {

    private final int limit;
    private final LinkedHashMap<Alias, Optional<AliasTarget>> byUse =
        new LinkedHashMap<>(16, 0.75f, true);

    Shard(int limit) {
      this.limit = limit;
    }

    synchronized void add(Alias alias, AliasTarget target) {
      Optional<AliasTarget> known = byUse.putIfAbsent(alias, Optional.of(target));
      if (known != null && known.isPresent() && !known.get().equals(target)) {
        byUse.put(alias, Optional.empty());
        ambiguous.increment();
      }
      if (byUse.size() > limit) {
        byUse.pollFirstEntry();
        evicted.increment();
      }
    }

    synchronized Optional<AliasTarget> find(Alias alias) {
      return byUse.getOrDefault(alias, Optional.empty());
    }

    synchronized int removeIf(Predicate<ChunkKey> gone) {
      int before = byUse.size();
      byUse.values().removeIf(t -> t.isPresent() && gone.test(t.get().chunk()));
      return before - byUse.size();
    }

    synchronized int size() {
      return byUse.size();
    }
  }
}
