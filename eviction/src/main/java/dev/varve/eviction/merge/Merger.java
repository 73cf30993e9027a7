package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Workspace;
import java.util.List;

/** What becomes of evicted tokens. An immutable value, safe for many threads. */
public interface Merger {

  /** Slots that it adds beside the kept tokens of a head that loses some. */
  int extraSlots();

  /**
   * The rows that take the evicted tokens up: at most one for each kept token, by token, then the
   * extra ones. Called only when something is evicted.
   */
  List<MergedSlot> merge(HeadEviction eviction, Workspace workspace);
}
