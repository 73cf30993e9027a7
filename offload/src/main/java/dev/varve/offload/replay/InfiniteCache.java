package dev.varve.offload.replay;

import dev.varve.offload.replacement.Visit;
import java.util.HashSet;
import java.util.Set;

/** Never lets anything go: the bound of every cache. */
final class InfiniteCache implements CacheModel {

  private final Set<Long> seen = new HashSet<>();

  @Override
  public void begin(TraceRequest request) {
    // what was asked for stays
  }

  @Override
  public boolean visit(Visit visit) {
    return !seen.add(visit.chunk());
  }
}
