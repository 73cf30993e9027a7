package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.MergedRow;
import java.util.List;

/**
 * The rows that one KV head will hold: for each the row of the source that is copied, or {@code -1
 * - m} for the merged row {@code m}.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; private to the package
record HeadPlan(
    int[] sources,
    int[] positions,
    int[] firsts,
    float[] weights,
    boolean weighted,
    List<MergedRow> merged) {

  int size() {
    return sources.length;
  }

  /** The row of the source that {@code row} is, or takes the place of; -1 for none. */
  int origin(int row) {
    int source = sources[row];
    return source >= 0 ? source : merged.get(-1 - source).inPlaceOf();
  }
}
