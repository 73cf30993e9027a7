package dev.varve.offload.replacement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks a policy for chunks, and is the judge of what is present. */
final class Requests {

  private final ReplacementPolicy policy;
  private final int capacity;
  private final Set<Long> present = new HashSet<>();
  private final Map<Long, Long> parents = new HashMap<>();
  private final List<Long> evicted = new ArrayList<>();
  private long millis;

  Requests(PolicyKind kind, int capacity) {
    this.policy = kind.create(capacity);
    this.capacity = capacity;
  }

  /** Asks for one chunk without a parent; true if it was there. */
  boolean ask(long chunk) {
    return request(chunk) == 1;
  }

  /** Asks for a whole prompt from the front, a second later; how many chunks were there. */
  int request(long... chunks) {
    millis += 1000;
    policy.begin(millis, chunks);
    int hits = 0;
    long parent = ReplacementPolicy.NONE;
    for (long chunk : chunks) {
      hits += visit(new Visit(chunk, parent, true, 1)) ? 1 : 0;
      parent = chunk;
    }
    return hits;
  }

  private boolean visit(Visit visit) {
    parents.put(visit.chunk(), visit.parent());
    if (present.contains(visit.chunk())) {
      policy.hit(visit);
      return true;
    }
    present.add(visit.chunk());
    policy.admitted(visit);
    while (present.size() > capacity) {
      evict();
    }
    return false;
  }

  private void evict() {
    long victim = policy.evict();
    if (!present.remove(victim)) {
      throw new AssertionError("evicted chunk " + victim + ", which is absent");
    }
    evicted.add(victim);
  }

  /** Takes everything out by eviction. */
  void drain() {
    while (!present.isEmpty()) {
      evict();
    }
  }

  void remove(long chunk) {
    present.remove(chunk);
    policy.removed(chunk);
  }

  Set<Long> present() {
    return present;
  }

  /** What was evicted so far, in order. */
  List<Long> evicted() {
    return evicted;
  }

  /** Present chunks whose parent is absent. */
  List<Long> orphans() {
    return present.stream().filter(this::orphan).toList();
  }

  private boolean orphan(long chunk) {
    Long parent = parents.get(chunk);
    return parent != null && parent != ReplacementPolicy.NONE && !present.contains(parent);
  }

  ReplacementPolicy policy() {
    return policy;
  }
}
