package dev.varve.offload.replacement;

import dev.varve.store.Checks;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A small queue on trial, a tenth of the tier, a main queue for what was asked for while on trial,
 * and names of what failed. See Yang et al., SOSP 2023. Remembers as many names as the main queue
 * holds chunks.
 */
final class S3FifoPolicy implements ReplacementPolicy {

  private static final int MOST_HITS = 3;
  private static final int HITS_TO_STAY = 2;

  private final int trial;
  private final int remembered;
  private final LinkedHashMap<Long, Integer> small = new LinkedHashMap<>();
  private final LinkedHashMap<Long, Integer> main = new LinkedHashMap<>();
  private final LinkedHashSet<Long> failed = new LinkedHashSet<>();

  /** For a tier of {@code capacity} chunks. */
  S3FifoPolicy(int capacity) {
    this.trial = Math.max(1, Checks.positive(capacity, "capacity") / 10);
    this.remembered = Math.max(1, capacity - trial);
  }

  @Override
  public void hit(Visit visit) {
    LinkedHashMap<Long, Integer> queue = small.containsKey(visit.chunk()) ? small : main;
    queue.computeIfPresent(visit.chunk(), (chunk, hits) -> Math.min(MOST_HITS, hits + 1));
  }

  @Override
  public void admitted(Visit visit) {
    (failed.remove(visit.chunk()) ? main : small).putLast(visit.chunk(), 0);
  }

  @Override
  public long evict() {
    while (small.size() > trial || main.isEmpty()) {
      Map.Entry<Long, Integer> next = first(small);
      small.remove(next.getKey());
      if (next.getValue() < HITS_TO_STAY) {
        failed.addLast(next.getKey());
        if (failed.size() > remembered) {
          failed.removeFirst();
        }
        return next.getKey();
      }
      main.putLast(next.getKey(), 0);
    }
    while (true) {
      Map.Entry<Long, Integer> next = first(main);
      main.remove(next.getKey());
      if (next.getValue() == 0) {
        return next.getKey();
      }
      main.putLast(next.getKey(), next.getValue() - 1);
    }
  }

  private static Map.Entry<Long, Integer> first(SequencedMap<Long, Integer> queue) {
    return queue.sequencedEntrySet().getFirst();
  }

  @Override
  public void removed(long chunk) {
    small.remove(chunk);
    main.remove(chunk);
  }
}
