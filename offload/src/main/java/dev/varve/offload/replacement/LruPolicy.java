package dev.varve.offload.replacement;

import java.util.LinkedHashSet;

/** The chunk touched longest ago leaves first. */
final class LruPolicy implements ReplacementPolicy {

  private final LinkedHashSet<Long> byAge = new LinkedHashSet<>();

  @Override
  public void hit(Visit visit) {
    byAge.addLast(visit.chunk());
  }

  @Override
  public void admitted(Visit visit) {
    byAge.addLast(visit.chunk());
  }

  @Override
  public long evict() {
    return byAge.removeFirst();
  }

  @Override
  public void removed(long chunk) {
    byAge.remove(chunk);
  }
}
