package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.CodedTokens;
import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What every head of every layer will hold, checked: nothing is taken or moved to make it. Rows
 * that no token to come can see, behind the window of a layer, are left out whatever was asked.
 */
final class KeepPlan {

  private final HeadPlan[][] heads;
  private final int[] reach;
  private final List<Optional<CodedTokens>> coded;
  private final boolean everything;

  private KeepPlan(
      HeadPlan[][] heads, int[] reach, List<Optional<CodedTokens>> coded, boolean everything) {
    this.coded = coded;
    this.heads = heads;
    this.reach = reach;
    this.everything = everything;
  }

  /**
   * @param tokens committed tokens
   * @param reach for each layer the position that its rows begin with
   */
  static KeepPlan of(
      ModelGeometry geometry, RowSource source, KeepSets keep, int tokens, int[] reach) {
    HeadPlan[][] heads = new HeadPlan[geometry.shape().layerCount()][];
    boolean everything = true;
    List<Optional<CodedTokens>> coded = new ArrayList<>();
    for (int layer = 0; layer < heads.length; layer++) {
      LayerShape shape = geometry.shape().layers().get(layer);
      heads[layer] = new HeadPlan[geometry.shape().owns(layer) ? shape.kvHeads() : 0];
      for (int head = 0; head < heads[layer].length; head++) {
        HeadSource rows = new HeadSource(source, layer, head, tokens, shape);
        Optional<HeadKeepSet> kept = keep.of(layer, head);
        everything &= kept.filter(some -> !rows.isEverything(some)).isEmpty();
        heads[layer][head] = rows.plan(kept, reach[layer]);
        keep.coded(layer).ifPresent(some -> rows.checkCoded(some, kept));
      }
      coded.add(keep.coded(layer));
    }
    return new KeepPlan(heads, reach, coded, everything);
  }

  /** Whether nothing is to be forgotten. */
  boolean everything() {
    return everything;
  }

  HeadPlan[] heads(int layer) {
    return heads[layer];
  }

  /** What is kept in few bits; rows that are forgotten otherwise. */
  Optional<CodedTokens> coded(int layer) {
    return coded.get(layer);
  }

  int reach(int layer) {
    return reach[layer];
  }

  /** Pages that a layer needs. */
  int pages(int layer, int span) {
    int pages = 0;
    for (HeadPlan head : heads[layer]) {
      pages += Math.ceilDiv(head.size(), span);
    }
    return pages;
  }

  long rows() {
    long rows = 0;
    for (HeadPlan[] layer : heads) {
      for (HeadPlan head : layer) {
        rows += head.size();
      }
    }
    return rows;
  }

  /** One head of a source, and how its plan is made. */
  private record HeadSource(RowSource rows, int layer, int head, int tokens, LayerShape shape) {

    boolean isEverything(HeadKeepSet kept) {
      return kept.merged().isEmpty() && kept.rows().length == rows.rows(layer, head);
    }

    HeadPlan plan(Optional<HeadKeepSet> kept, int reach) {
      int count = rows.rows(layer, head);
      int[] chosen = kept.map(HeadKeepSet::rows).orElseGet(() -> range(count));
      List<MergedRow> merged = kept.map(HeadKeepSet::merged).orElse(List.of());
      if (chosen.length > 0 && (chosen[0] < 0 || chosen[chosen.length - 1] >= count)) {
        throw new IllegalArgumentException(
            "layer %d head %d holds rows 0 to %d, kept are rows %d to %d"
                .formatted(layer, head, count - 1, chosen[0], chosen[chosen.length - 1]));
      }
      merged.forEach(this::check);
      if (!merged.isEmpty() && chosen.length + merged.size() > tokens) {
        throw new IllegalArgumentException(
            "layer %d head %d would hold %d rows, more than the %d tokens of the session"
                .formatted(layer, head, chosen.length + merged.size(), tokens));
      }
      return weave(chosen, merged, reach);
    }

    /** Kept and merged rows in one order; at the same position the kept one comes first. */
    private HeadPlan weave(int[] chosen, List<MergedRow> merged, int reach) {
      int most = chosen.length + merged.size();
      int[] sources = new int[most];
      int[] positions = new int[most];
      int[] firsts = new int[most];
      float[] weights = new float[most];
      boolean weighted = false;
      int size = 0;
      int m = 0;
      for (int c = 0; c < chosen.length || m < merged.size(); ) {
        boolean copy =
            m == merged.size()
                || (c < chosen.length
                    && rows.position(layer, head, chosen[c]) <= merged.get(m).last());
        int source = copy ? chosen[c++] : -1 - m++;
        int position = copy ? rows.position(layer, head, source) : merged.get(-1 - source).last();
        if (position < reach) {
          continue;
        }
        sources[size] = source;
        positions[size] = position;
        firsts[size] = copy ? rows.first(layer, head, source) : merged.get(-1 - source).first();
        weights[size] = copy ? rows.weight(layer, head, source) : merged.get(-1 - source).weight();
        weighted |= weights[size] != 1 || firsts[size] != position;
        size++;
      }
      return new HeadPlan(
          Arrays.copyOf(sources, size),
          Arrays.copyOf(positions, size),
          Arrays.copyOf(firsts, size),
          Arrays.copyOf(weights, size),
          weighted,
          merged);
    }

    void checkCoded(CodedTokens tokens, Optional<HeadKeepSet> kept) {
      for (int row : tokens.rows()) {
        if (kept.isEmpty() || Arrays.binarySearch(kept.get().rows(), row) >= 0) {
          throw new IllegalArgumentException(
              "row %d of layer %d head %d is to be kept as it is and in few bits: say one of both"
                  .formatted(row, layer, head));
        }
        if (row < 0
            || row >= rows.rows(layer, head)
            || rows.position(layer, head, row) != rows.position(layer, 0, row)) {
          throw new IllegalArgumentException(
              "row %d is to be kept in few bits in all heads of layer %d, and head %d has no such row or another token there"
                  .formatted(row, layer, head));
        }
      }
    }

    private void check(MergedRow row) {
      if (row.last() >= tokens) {
        throw new IllegalArgumentException(
            "a merged row of layer %d head %d stands for position %d, the session has %d tokens"
                .formatted(layer, head, row.last(), tokens));
      }
      if (row.inPlaceOf() >= rows.rows(layer, head)) {
        throw new IllegalArgumentException(
            "a merged row of layer %d head %d takes the place of row %d, there are %d rows"
                .formatted(layer, head, row.inPlaceOf(), rows.rows(layer, head)));
      }
      checkFloats("key", row.key(), shape.keyDim());
      if (!shape.valueIsPrefixOfKey()) {
        checkFloats("value", row.value(), shape.valueDim());
      }
    }

    private void checkFloats(String name, float[] values, int dim) {
      if (values.length != dim) {
        throw new IllegalArgumentException(
            "the %s of a merged row of layer %d head %d has %d elements, the layer has %d"
                .formatted(name, layer, head, values.length, dim));
      }
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "the %s of a merged row of layer %d head %d holds %s: only finite numbers are stored"
                  .formatted(name, layer, head, value));
        }
      }
    }

    private static int[] range(int count) {
      int[] all = new int[count];
      Arrays.setAll(all, i -> i);
      return all;
    }
  }
}
