package dev.varve.offload.replay;

import dev.varve.offload.replacement.ReplacementPolicy;
import dev.varve.offload.replacement.Visit;
import dev.varve.store.Checks;
import java.util.HashMap;
import java.util.Map;

/** A cache of bounded weight whose victims a policy chooses. A chunk that was missed is entered. */
final class PolicyCache implements CacheModel {

  private final ReplacementPolicy policy;
  private final long capacity;
  private final Map<Long, Integer> weights = new HashMap<>();
  private long used;

  /**
   * @param capacity the most weight it holds
   */
  PolicyCache(ReplacementPolicy policy, long capacity) {
    this.policy = policy;
    this.capacity = Checks.positive(capacity, "capacity");
  }

  @Override
  public void begin(TraceRequest request) {
    policy.begin(request.millis(), request.chunks());
  }

  @Override
  public boolean visit(Visit visit) {
    if (weights.containsKey(visit.chunk())) {
      policy.hit(visit);
      return true;
    }
    weights.put(visit.chunk(), visit.weight());
    used += visit.weight();
    policy.admitted(visit);
    while (used > capacity) {
      evict();
    }
    return false;
  }

  private void evict() {
    long victim = policy.evict();
    Integer weight = weights.remove(victim);
    if (weight == null) {
      throw new IllegalStateException(
          policy.getClass().getSimpleName() + " evicted chunk " + victim + ", which is absent");
    }
    used -= weight;
  }

  /** Weight held now. */
  long used() {
    return used;
  }

  /** Whether a chunk is held now. */
  boolean holds(long chunk) {
    return weights.containsKey(chunk);
  }
}
