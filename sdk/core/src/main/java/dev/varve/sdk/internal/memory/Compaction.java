package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.HotSlots;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.DtypeKernel;
import java.util.Optional;

/**
 * Turns keep sets into private rows: first a plan that is checked, then all slots or none, then the
 * copies. Whatever fails, the source is as it was.
 */
public final class Compaction {

  private Compaction() {}

  /**
   * The rows of {@code source} that {@code keep} names, in memory of their own; empty if it names
   * all of them.
   *
   * @param tokens committed tokens
   * @param sums whether the attention that rows receive is summed up from here on
   * @throws dev.varve.sdk.HotTierFullException if there is no room beside the source
   * @throws IllegalArgumentException if a keep set names what is not there
   */
  public static Optional<PrivateRows> of(
      CacheParts parts, HotSlots hot, RowSource source, KeepSets keep, int tokens, boolean sums) {
    ModelGeometry geometry = parts.tiers().geometry();
    int[] reach = Windows.reach(geometry, tokens);
    for (int layer = 0; layer < reach.length; layer++) {
      reach[layer] = geometry.shape().owns(layer) ? Math.max(reach[layer], source.from(layer)) : 0;
    }
    KeepPlan plan = KeepPlan.of(geometry, source, keep, tokens, reach);
    if (plan.everything()) {
      return Optional.empty();
    }
    PrivateRows made = apply(parts, hot, source, plan, reach, sums);
    made.decidedAt(tokens);
    parts
        .memory()
        .compacted(
            rows(geometry, source),
            bytes(geometry, source),
            rows(geometry, made),
            bytes(geometry, made));
    return Optional.of(made);
  }

  /**
   * All rows of {@code source} in memory of their own.
   *
   * @param decidedAt tokens of the session when these were chosen
   * @param sums whether the attention that rows receive is summed up
   * @throws dev.varve.sdk.HotTierFullException if there is no room
   */
  public static PrivateRows copy(
      CacheParts parts, HotSlots hot, RowSource source, int decidedAt, boolean sums) {
    ModelGeometry geometry = parts.tiers().geometry();
    int[] from = new int[geometry.shape().layerCount()];
    for (int layer = 0; layer < from.length; layer++) {
      from[layer] = geometry.shape().owns(layer) ? source.from(layer) : 0;
    }
    KeepSets all = new KeepSets(geometry.shape());
    KeepPlan plan = KeepPlan.of(geometry, source, all, 0, from);
    PrivateRows made = apply(parts, hot, source, plan, from, sums);
    for (int layer = 0; layer < from.length; layer++) {
      for (int head = 0; geometry.shape().owns(layer) && head < heads(geometry, layer); head++) {
        made.layer(layer).head(head).places(source.places(layer, head));
        if (source instanceof PrivateRows rows) {
          made.layer(layer).head(head).copyMeans(rows.layer(layer).head(head));
        }
      }
    }
    made.decidedAt(decidedAt);
    return made;
  }

  private static PrivateRows apply(
      CacheParts parts, HotSlots hot, RowSource source, KeepPlan plan, int[] from, boolean sums) {
    ModelGeometry geometry = parts.tiers().geometry();
    PrivateRows made = new PrivateRows(parts, hot, from, sums);
    boolean done = false;
    try {
      CodedCopier[] coded = new CodedCopier[from.length];
      for (int layer = 0; layer < from.length; layer++) {
        coded[layer] = new CodedCopier(made.layer(layer), source, layer, plan.coded(layer));
      }
      take(geometry, hot, plan, made, coded);
      DtypeKernel kernel = DtypeKernel.of(parts.backend(), geometry.shape().dtype());
      for (int layer = 0; layer < from.length; layer++) {
        if (geometry.shape().owns(layer)) {
          PrivateLayer target = made.layer(layer);
          target.adopt(plan.heads(layer));
          target.inherit(plan.heads(layer), source, layer);
          merge(target, plan.heads(layer), kernel);
          source.visit(layer, new RowCopier(target, plan.heads(layer)));
          coded[layer].copy();
        }
      }
      done = true;
      return made;
    } finally {
      if (!done) {
        made.close();
      }
    }
  }

  private static void take(
      ModelGeometry geometry, HotSlots hot, KeepPlan plan, PrivateRows made, CodedCopier[] coded) {
    int[] needed = new int[geometry.shape().layerCount()];
    int total = 0;
    for (int layer = 0; layer < needed.length; layer++) {
      if (geometry.shape().owns(layer)) {
        int pages = plan.pages(layer, geometry.blockTokens());
        needed[layer] = made.layer(layer).slots().slotsFor(pages);
        total += needed[layer] + coded[layer].slots();
      }
    }
    if (total == 0) {
      return;
    }
    long[] taken = hot.take(total);
    int next = 0;
    for (int layer = 0; layer < needed.length; layer++) {
      for (int i = 0; i < needed[layer]; i++) {
        made.layer(layer).slots().add(taken[next++]);
      }
      for (CodedRows each : made.layer(layer).coded()) {
        for (int missing = each.missing(); missing > 0; missing--) {
          each.slots().add(taken[next++]);
        }
      }
    }
  }

  private static void merge(PrivateLayer target, HeadPlan[] plans, DtypeKernel kernel) {
    for (int head = 0; head < plans.length; head++) {
      int[] sources = plans[head].sources();
      for (int row = 0; row < sources.length; row++) {
        if (sources[row] < 0) {
          MergedRow merged = plans[head].merged().get(-1 - sources[row]);
          target.store(head, row, merged, kernel);
        }
      }
    }
  }

  /** Rows of all heads and layers. */
  public static long rows(ModelGeometry geometry, RowSource source) {
    long rows = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      rows += layerRows(geometry, source, layer);
    }
    return rows;
  }

  /** Bytes of their keys and values. */
  public static long bytes(ModelGeometry geometry, RowSource source) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      long exact = layerRows(geometry, source, layer) - source.codedRows(layer);
      bytes += exact * rowBytes(geometry, layer) + source.codedBytes(layer);
    }
    return bytes;
  }

  private static long layerRows(ModelGeometry geometry, RowSource source, int layer) {
    long rows = source.codedRows(layer);
    for (int head = 0; geometry.shape().owns(layer) && head < heads(geometry, layer); head++) {
      rows += source.rows(layer, head);
    }
    return rows;
  }

  private static long rowBytes(ModelGeometry geometry, int layer) {
    boolean keysOnly = geometry.block(layer).valueIsPrefixOfKey();
    return geometry.block(layer).keyRowBytes()
        + (keysOnly ? 0 : geometry.block(layer).valueRowBytes());
  }

  private static int heads(ModelGeometry geometry, int layer) {
    return geometry.block(layer).kvHeads();
  }
}
