package dev.varve.offload.replacement;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/** First in, first out, with a second chance for what was asked for since the hand last passed. */
final class ClockPolicy implements ReplacementPolicy {

  private final LinkedHashMap<Long, Boolean> ring = new LinkedHashMap<>();

  @Override
  public void hit(Visit visit) {
    ring.replace(visit.chunk(), true);
  }

  @Override
  public void admitted(Visit visit) {
    ring.putLast(visit.chunk(), false);
  }

  @Override
  public long evict() {
    while (true) {
      Map.Entry<Long, Boolean> next = ring.firstEntry();
      if (next == null) {
        throw new NoSuchElementException("no chunk is present");
      }
      ring.remove(next.getKey());
      if (!next.getValue()) {
        return next.getKey();
      }
      ring.putLast(next.getKey(), false);
    }
  }

  @Override
  public void removed(long chunk) {
    ring.remove(chunk);
  }
}
