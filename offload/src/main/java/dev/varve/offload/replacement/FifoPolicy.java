package dev.varve.offload.replacement;

import java.util.LinkedHashSet;

/** The chunk entered longest ago leaves first. */
final class FifoPolicy implements ReplacementPolicy {

  private final LinkedHashSet<Long> byEntry = new LinkedHashSet<>();

  @Override
  public void hit(Visit visit) {
    // what is asked for again keeps its place
  }

  @Override
  public void admitted(Visit visit) {
    byEntry.addLast(visit.chunk());
  }

  @Override
  public long evict() {
    return byEntry.removeFirst();
  }

  @Override
  public void removed(long chunk) {
    byEntry.remove(chunk);
  }
}
