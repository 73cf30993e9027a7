package dev.varve.offload.replacement;

import dev.varve.store.Checks;
import java.util.LinkedHashSet;

/**
 * Adaptive replacement: one list of chunks seen once, one of chunks seen again, and two lists of
 * ghosts whose hits move the border between them. See Megiddo and Modha, FAST 2003. The ghosts are
 * as many as the chunks.
 */
final class ArcPolicy implements ReplacementPolicy {

  private final int capacity;
  private final LinkedHashSet<Long> once = new LinkedHashSet<>();
  private final LinkedHashSet<Long> again = new LinkedHashSet<>();
  private final LinkedHashSet<Long> onceGhosts = new LinkedHashSet<>();
  private final LinkedHashSet<Long> againGhosts = new LinkedHashSet<>();
  private double target;
  private boolean fromAgainGhosts;
  private boolean entersOnce;

  /** For a tier of {@code capacity} chunks. */
  ArcPolicy(int capacity) {
    this.capacity = Checks.positive(capacity, "capacity");
  }

  @Override
  public void hit(Visit visit) {
    once.remove(visit.chunk());
    again.addLast(visit.chunk());
  }

  @Override
  public void admitted(Visit visit) {
    long chunk = visit.chunk();
    double seenOnce = onceGhosts.size();
    double seenAgain = againGhosts.size();
    fromAgainGhosts = false;
    entersOnce = false;
    if (onceGhosts.remove(chunk)) {
      target = Math.min(capacity, target + Math.max(1, seenAgain / seenOnce));
      again.addLast(chunk);
    } else if (againGhosts.remove(chunk)) {
      target = Math.max(0, target - Math.max(1, seenOnce / seenAgain));
      fromAgainGhosts = true;
      again.addLast(chunk);
    } else {
      entersOnce = true;
      once.addLast(chunk);
    }
    trimGhosts();
  }

  @Override
  public long evict() {
    int old = once.size() - (entersOnce ? 1 : 0);
    boolean aboveTarget = old > target || (fromAgainGhosts && old >= target);
    long victim;
    boolean oldAgain = again.size() > (entersOnce ? 0 : 1);
    if (!once.isEmpty() && (!oldAgain || (old >= 1 && aboveTarget))) {
      victim = once.removeFirst();
      onceGhosts.addLast(victim);
    } else {
      victim = again.removeFirst();
      againGhosts.addLast(victim);
    }
    trimGhosts();
    return victim;
  }

  private void trimGhosts() {
    while (!onceGhosts.isEmpty() && once.size() + onceGhosts.size() > capacity) {
      onceGhosts.removeFirst();
    }
    while (!againGhosts.isEmpty()
        && once.size() + again.size() + onceGhosts.size() + againGhosts.size() > 2L * capacity) {
      againGhosts.removeFirst();
    }
  }

  @Override
  public void removed(long chunk) {
    once.remove(chunk);
    again.remove(chunk);
  }
}
