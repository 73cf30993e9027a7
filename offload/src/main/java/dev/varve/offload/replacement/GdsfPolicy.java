package dev.varve.offload.replacement;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Greedy-Dual-Size-Frequency: the least of {@code clock + uses / weight} leaves first, and the
 * clock advances to what left. See Cherkasova, 1998, with a cost of 1 for each chunk.
 */
final class GdsfPolicy implements ReplacementPolicy {

  private record Value(double priority, long turn, long chunk, long uses)
      implements Comparable<Value> {
    @Override
    public int compareTo(Value other) {
      int byPriority = Double.compare(priority, other.priority);
      return byPriority != 0 ? byPriority : Long.compare(turn, other.turn);
    }
  }

  private final Map<Long, Value> values = new HashMap<>();
  private final TreeSet<Value> order = new TreeSet<>();
  private double clock;
  private long turn;

  @Override
  public void hit(Visit visit) {
    Value before = values.get(visit.chunk());
    if (before != null) {
      order.remove(before);
      enter(visit, before.uses() + 1);
    }
  }

  @Override
  public void admitted(Visit visit) {
    removed(visit.chunk());
    enter(visit, 1);
  }

  private void enter(Visit visit, long uses) {
    double priority = clock + (double) uses / Math.max(1, visit.weight());
    Value value = new Value(priority, turn++, visit.chunk(), uses);
    values.put(visit.chunk(), value);
    order.add(value);
  }

  @Override
  public long evict() {
    Value least = order.removeFirst();
    values.remove(least.chunk());
    clock = least.priority();
    return least.chunk();
  }

  @Override
  public void removed(long chunk) {
    @Nullable Value value = values.remove(chunk);
    if (value != null) {
      order.remove(value);
    }
  }
}
