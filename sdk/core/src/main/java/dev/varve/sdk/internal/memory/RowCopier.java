package dev.varve.sdk.internal.memory;

import dev.varve.store.BlockGeometry;
import java.lang.foreign.MemorySegment;

/** Copies the chosen rows of one layer to their new pages, runs of neighbours at once. */
final class RowCopier implements RowSource.Visitor {

  private final PrivateLayer target;
  private final HeadPlan[] plans;
  private final BlockGeometry geometry;
  private final int[] next;

  RowCopier(PrivateLayer target, HeadPlan[] plans) {
    this.target = target;
    this.plans = plans;
    this.geometry = target.geometry();
    this.next = new int[plans.length];
  }

  @Override
  public void rows(int head, MemorySegment block, int stripe, int at, int first, int count) {
    int[] sources = plans[head].sources();
    int row = next[head];
    while (row < sources.length && sources[row] < first + count) {
      int source = sources[row];
      int run = 1;
      if (source >= 0) {
        run = run(sources, row, first + count);
        copy(head, row, block, stripe, at + source - first, run);
      }
      row += run;
    }
    next[head] = row;
  }

  /** Rows from {@code row} on that are neighbours in the source, below {@code end}, and here. */
  private int run(int[] sources, int row, int end) {
    int span = geometry.tokens();
    int most = Math.min(sources.length - row, span - row % span);
    int run = 1;
    while (run < most && sources[row + run] == sources[row] + run && sources[row + run] < end) {
      run++;
    }
    return run;
  }

  private void copy(int head, int row, MemorySegment block, int stripe, int at, int run) {
    MemorySegment to = target.block(head, row);
    int own = target.stripe(head, row);
    int token = row % geometry.tokens();
    MemorySegment.copy(
        block,
        geometry.keyOffset(stripe, at),
        to,
        geometry.keyOffset(own, token),
        run * geometry.keyRowBytes());
    if (!geometry.valueIsPrefixOfKey()) {
      MemorySegment.copy(
          block,
          geometry.valueOffset(stripe, at),
          to,
          geometry.valueOffset(own, token),
          run * geometry.valueRowBytes());
    }
  }
}
