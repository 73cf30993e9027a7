package dev.varve.offload.replay;

import dev.varve.offload.replacement.Visit;
import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Knows the future: the chunk whose next use lies farthest ahead leaves, the one just asked for
 * included. The bound of block hits for a capacity. See Belady, IBM Systems Journal 1966.
 */
final class BeladyCache implements CacheModel {

  private final int capacity;
  private final int[] nextUse;
  private final Map<Long, Integer> held = new HashMap<>();
  private final TreeMap<Integer, Long> byNextUse = new TreeMap<>();
  private int position;

  /** A cache of {@code capacity} chunks for exactly this trace. */
  BeladyCache(Trace trace, int capacity) {
    this.capacity = Checks.positive(capacity, "capacity");
    this.nextUse = nextUses(trace);
  }

  /** For each reference the position of the next one to the same chunk, or one beyond the end. */
  private static int[] nextUses(Trace trace) {
    long[] references =
        trace.requests().stream().flatMapToLong(r -> Arrays.stream(r.chunks())).toArray();
    int[] next = new int[references.length];
    Map<Long, Integer> last = new HashMap<>();
    for (int i = references.length - 1; i >= 0; i--) {
      Integer later = last.put(references[i], i);
      next[i] = later == null ? references.length + i : later;
    }
    return next;
  }

  @Override
  public void begin(TraceRequest request) {
    // the future is known already
  }

  @Override
  public boolean visit(Visit visit) {
    int next = nextUse[position++];
    Integer expected = held.remove(visit.chunk());
    if (expected != null) {
      byNextUse.remove(expected);
    }
    if (next < nextUse.length) {
      held.put(visit.chunk(), next);
      byNextUse.put(next, visit.chunk());
    }
    if (held.size() > capacity) {
      held.remove(byNextUse.pollLastEntry().getValue());
    }
    return expected != null;
  }
}
