package dev.varve.sidecar.status;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The names that come most often, in bounded memory: the Space-Saving algorithm of Metwally,
 * Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams",
 * 2005. A name that is new where all places are taken takes that of the rarest and its count, so
 * that counts are never too small by more than what was passed over.
 *
 * <p>Thread-safe. Where another thread is counting, a name is passed over rather than waited for:
 * the counts are a sample under load.
 */
public final class HeavyHitters {

  private final int places;
  private final Map<String, Count> counts = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  private static final class Count {
    long requests;
    long inherited;
    long hits;
    long bytes;
  }

  /**
   * One name.
   *
   * @param requests how often it came, at most
   * @param seen how often it was seen to come
   * @param hits how often something was found then
   * @param bytes what came and went for it
   */
  public record Hitter(String name, long requests, long seen, long hits, long bytes) {}

  /**
   * @param places how many names are counted at a time
   */
  public HeavyHitters(int places) {
    this.places = places;
  }

  /** A name came. */
  public void add(String name, boolean hit, long bytes) {
    if (!lock.tryLock()) {
      return;
    }
    try {
      Count count = counts.get(name);
      if (count == null) {
        count = place();
        counts.put(name, count);
      }
      count.requests++;
      count.hits += hit ? 1 : 0;
      count.bytes += bytes;
    } finally {
      lock.unlock();
    }
  }

  private Count place() {
    Count count = new Count();
    if (counts.size() >= places) {
      Map.Entry<String, Count> rarest = null;
      for (Map.Entry<String, Count> entry : counts.entrySet()) {
        if (rarest == null || entry.getValue().requests < rarest.getValue().requests) {
          rarest = entry;
        }
      }
      if (rarest != null) {
        count.requests = rarest.getValue().requests;
        count.inherited = count.requests;
        counts.remove(rarest.getKey());
      }
    }
    return count;
  }

  /** The most frequent names, most frequent first. */
  public List<Hitter> top(int most) {
    lock.lock();
    try {
      return counts.entrySet().stream()
          .map(entry -> {
            Count count = entry.getValue();
            return new Hitter(
                entry.getKey(),
                count.requests,
                count.requests - count.inherited,
                count.hits,
                count.bytes);
          })
          .sorted(Comparator.comparingLong(Hitter::requests).reversed().thenComparing(Hitter::name))
          .limit(most)
          .toList();
    } finally {
      lock.unlock();
    }
  }
}
