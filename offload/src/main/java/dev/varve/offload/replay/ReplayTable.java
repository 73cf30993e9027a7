package dev.varve.offload.replay;

import dev.varve.offload.replacement.PolicyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Replays one trace for several policies and capacities, with the two bounds beside them. */
public final class ReplayTable {

  /** Row name of the bound that knows the future. */
  public static final String BELADY = "belady";

  /** Row name of the bound that never lets anything go. */
  public static final String INFINITE = "infinite";

  private ReplayTable() {}

  /**
   * The rows, policy by policy and in the order of the capacities, then Belady's and the infinite
   * cache's.
   *
   * @param finished told of each row when it is done
   */
  public static List<ReplayRow> run(
      Replay replay,
      List<PolicyKind> policies,
      List<Integer> capacities,
      Consumer<ReplayRow> finished) {
    List<ReplayRow> rows = new ArrayList<>();
    for (PolicyKind kind : policies) {
      for (int capacity : capacities) {
        add(rows, new ReplayRow(kind.label(), capacity, replay.run(kind, capacity)), finished);
      }
    }
    for (int capacity : capacities) {
      add(rows, new ReplayRow(BELADY, capacity, replay.belady(capacity)), finished);
    }
    Score infinite = replay.infinite();
    for (int capacity : capacities) {
      add(rows, new ReplayRow(INFINITE, capacity, infinite), finished);
    }
    return rows;
  }

  private static void add(List<ReplayRow> rows, ReplayRow row, Consumer<ReplayRow> finished) {
    rows.add(row);
    finished.accept(row);
  }
}
