package dev.varve.offload.replacement;

import dev.varve.store.Checks;
import java.util.LinkedHashSet;

/**
 * A queue for what came once, a quarter of the tier, and a least-recently-used list for what came
 * back while its name was still remembered. See Johnson and Shasha, VLDB 1994. Remembers half as
 * many names as the tier holds chunks.
 */
final class TwoQueuePolicy implements ReplacementPolicy {

  private final int entering;
  private final int remembered;
  private final LinkedHashSet<Long> in = new LinkedHashSet<>();
  private final LinkedHashSet<Long> out = new LinkedHashSet<>();
  private final LinkedHashSet<Long> main = new LinkedHashSet<>();

  /** For a tier of {@code capacity} chunks. */
  TwoQueuePolicy(int capacity) {
    Checks.positive(capacity, "capacity");
    this.entering = Math.max(1, capacity / 4);
    this.remembered = Math.max(1, capacity / 2);
  }

  @Override
  public void hit(Visit visit) {
    if (main.contains(visit.chunk())) {
      main.addLast(visit.chunk());
    }
  }

  @Override
  public void admitted(Visit visit) {
    if (out.remove(visit.chunk())) {
      main.addLast(visit.chunk());
    } else {
      in.addLast(visit.chunk());
    }
  }

  @Override
  public long evict() {
    if (!main.isEmpty() && in.size() <= entering) {
      return main.removeFirst();
    }
    long victim = in.removeFirst();
    out.addLast(victim);
    if (out.size() > remembered) {
      out.removeFirst();
    }
    return victim;
  }

  @Override
  public void removed(long chunk) {
    in.remove(chunk);
    main.remove(chunk);
  }
}
