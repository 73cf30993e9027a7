package dev.varve.offload.replacement;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The chunk with the fewest hits since it entered leaves first; among equals, the oldest touch. */
final class LfuPolicy implements ReplacementPolicy {

  private record Use(long hits, long turn, long chunk) implements Comparable<Use> {
    @Override
    public int compareTo(Use other) {
      return hits != other.hits ? Long.compare(hits, other.hits) : Long.compare(turn, other.turn);
    }
  }

  private final Map<Long, Use> uses = new HashMap<>();
  private final TreeSet<Use> order = new TreeSet<>();
  private long turn;

  @Override
  public void hit(Visit visit) {
    Use before = uses.get(visit.chunk());
    if (before != null) {
      order.remove(before);
      enter(visit.chunk(), before.hits() + 1);
    }
  }

  @Override
  public void admitted(Visit visit) {
    removed(visit.chunk());
    enter(visit.chunk(), 0);
  }

  private void enter(long chunk, long hits) {
    Use use = new Use(hits, turn++, chunk);
    uses.put(chunk, use);
    order.add(use);
  }

  @Override
  public long evict() {
    long victim = order.removeFirst().chunk();
    uses.remove(victim);
    return victim;
  }

  @Override
  public void removed(long chunk) {
    @Nullable Use use = uses.remove(chunk);
    if (use != null) {
      order.remove(use);
    }
  }
}
