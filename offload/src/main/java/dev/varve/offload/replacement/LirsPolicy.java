package dev.varve.offload.replacement;

import dev.varve.store.Checks;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Chunks whose last two touches lay close together stay; the others pass through a queue of a
 * hundredth of the tier. See Jiang and Zhang, SIGMETRICS 2002. The stack remembers at most twice as
 * many absent chunks as the tier holds.
 */
final class LirsPolicy implements ReplacementPolicy {

  private enum State {
    CLOSE,
    PASSING,
    ABSENT
  }

  private final int mostClose;
  private final int mostAbsent;
  private final LinkedHashMap<Long, State> stack = new LinkedHashMap<>();
  private final LinkedHashSet<Long> absent = new LinkedHashSet<>();
  private final LinkedHashSet<Long> passing = new LinkedHashSet<>();
  private int close;

  /** For a tier of {@code capacity} chunks. */
  LirsPolicy(int capacity) {
    Checks.positive(capacity, "capacity");
    this.mostClose = Math.max(1, capacity - Math.max(1, capacity / 100));
    this.mostAbsent = Math.multiplyExact(2, capacity);
  }

  @Override
  public void hit(Visit visit) {
    long chunk = visit.chunk();
    @Nullable State state = stack.get(chunk);
    if (state == State.CLOSE) {
      stack.putLast(chunk, State.CLOSE);
      prune();
    } else if (state == State.PASSING) {
      passing.remove(chunk);
      becomeClose(chunk);
    } else {
      stack.putLast(chunk, State.PASSING);
      passing.addLast(chunk);
    }
  }

  @Override
  public void admitted(Visit visit) {
    long chunk = visit.chunk();
    if (absent.remove(chunk) || close < mostClose) {
      becomeClose(chunk);
    } else {
      stack.putLast(chunk, State.PASSING);
      passing.addLast(chunk);
    }
  }

  private void becomeClose(long chunk) {
    stack.putLast(chunk, State.CLOSE);
    close++;
    if (close > mostClose) {
      demote();
    }
    prune();
  }

  /** The close chunk at the bottom of the stack passes from now on. */
  private void demote() {
    prune();
    passing.addLast(stack.pollFirstEntry().getKey());
    close--;
    prune();
  }

  /** Lets go of everything below the lowest close chunk. */
  private void prune() {
    while (!stack.isEmpty() && stack.firstEntry().getValue() != State.CLOSE) {
      absent.remove(stack.pollFirstEntry().getKey());
    }
  }

  @Override
  public long evict() {
    if (passing.isEmpty()) {
      if (close == 0) {
        throw new NoSuchElementException("no chunk is present");
      }
      demote();
    }
    long victim = passing.removeFirst();
    if (stack.replace(victim, State.ABSENT) != null) {
      absent.addLast(victim);
      if (absent.size() > mostAbsent) {
        stack.remove(absent.removeFirst());
      }
    }
    return victim;
  }

  @Override
  public void removed(long chunk) {
    boolean wasPassing = passing.remove(chunk);
    @Nullable State state = stack.get(chunk);
    if (state == State.CLOSE) {
      close--;
    }
    if (wasPassing || state == State.CLOSE) {
      stack.remove(chunk);
      prune();
    }
  }
}
