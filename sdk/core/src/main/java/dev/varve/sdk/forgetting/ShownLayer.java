package dev.varve.sdk.forgetting;

import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Positions;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.store.LayerShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Some heads of a layer as a policy sees them: rows that stand for one token each. Rows that were
 * merged before are set aside; they stay.
 */
@SuppressWarnings("ArrayRecordComponent") // made for one decision, never compared
record ShownLayer(LayerCursor cursor, int layer, int firstHead, int[][] shown, int[][] setAside) {

  /** All heads of {@code layer}. */
  static ShownLayer of(LayerCursor cursor, int layer) {
    SessionHistory history = cursor.history();
    int heads = history.shape().layers().get(layer).kvHeads();
    int[][] shown = new int[heads][];
    int[][] aside = new int[heads][];
    for (int head = 0; head < heads; head++) {
      int of = head;
      int rows = history.rows(layer, head);
      shown[head] =
          IntStream.range(0, rows).filter(row -> !history.merged(layer, of, row)).toArray();
      aside[head] =
          IntStream.range(0, rows).filter(row -> history.merged(layer, of, row)).toArray();
    }
    return new ShownLayer(cursor, layer, 0, shown, aside);
  }

  /** One of the heads alone. */
  ShownLayer head(int head) {
    return new ShownLayer(
        cursor, layer, firstHead + head, new int[][] {shown[head]}, new int[][] {setAside[head]});
  }

  /** Adds every head alone to {@code heads}. */
  void addHeads(List<ShownLayer> heads) {
    for (int head = 0; head < heads(); head++) {
      heads.add(head(head));
    }
  }

  int heads() {
    return shown.length;
  }

  int rows(int head) {
    return shown[head].length;
  }

  int aside(int head) {
    return setAside[head].length;
  }

  /** Whether all heads show, and hide, the same number of rows. */
  boolean even() {
    for (int head = 1; head < heads(); head++) {
      if (rows(head) != rows(0) || aside(head) != aside(0)) {
        return false;
      }
    }
    return true;
  }

  /** Rows of a single head at positions below {@code position}, merged ones included. */
  int rowsBefore(int position) {
    SessionHistory history = cursor.history();
    int rows = history.rows(layer, firstHead);
    int before = 0;
    while (before < rows && history.position(layer, firstHead, before) < position) {
      before++;
    }
    return before;
  }

  boolean endsWithTheNewestToken() {
    return position(rows(0) - 1) == cursor.history().tokens() - 1;
  }

  /** The newest position that any head has at this place: only masks of new queries need it. */
  private int position(int place) {
    int newest = 0;
    for (int head = 0; head < heads(); head++) {
      int row = shown[head][place];
      newest = Math.max(newest, cursor.history().position(layer, firstHead + head, row));
    }
    return newest;
  }

  Observation observation() {
    int[] positions = new int[rows(0)];
    Arrays.setAll(positions, this::position);
    return new Observation(
        layer,
        shape(),
        new ShownRows(cursor, layer, firstHead, shown, false),
        new ShownRows(cursor, layer, firstHead, shown, true),
        endsWithTheNewestToken() ? queries() : QueryRows.none(),
        Positions.of(positions),
        Optional.empty(),
        Map.of());
  }

  private LayerShape shape() {
    LayerShape of = cursor.history().shape().layers().get(layer);
    return heads() == of.kvHeads()
        ? of
        : new LayerShape(
            heads() * of.group(),
            heads(),
            of.keyDim(),
            of.valueDim(),
            of.scale(),
            of.logitSoftCap(),
            of.rope(),
            of.window(),
            of.valueIsPrefixOfKey(),
            OptionalInt.empty());
  }

  /** The queries of these heads, head by head. */
  private QueryRows queries() {
    LayerShape of = cursor.history().shape().layers().get(layer);
    int count = cursor.history().queries(layer);
    int dim = of.keyDim();
    int heads = heads() * of.group();
    int first = firstHead * of.group();
    float[] tokens = cursor.history().queryRows(layer);
    float[] byHead = new float[heads * count * dim];
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < count; t++) {
        int from = (t * of.queryHeads() + first + head) * dim;
        System.arraycopy(tokens, from, byHead, (head * count + t) * dim, dim);
      }
    }
    return count == 0
        ? QueryRows.none()
        : new QueryRows(byHead, heads, count, dim, cursor.history().tokens() - count);
  }

  /** What one of the heads keeps, in rows of the session. */
  HeadKeepSet kept(int head, HeadKeep keep) {
    boolean[] replaced = new boolean[rows(head)];
    List<MergedRow> merged = new ArrayList<>();
    for (MergedSlot slot : keep.merged()) {
      if (!slot.extra()) {
        replaced[slot.token()] = true;
      }
      merged.add(row(head, keep, slot));
    }
    merged.sort(Comparator.comparingInt(MergedRow::last));
    IntStream tokens = IntStream.of(keep.tokens()).filter(t -> !replaced[t]);
    int[] rows =
        IntStream.concat(tokens.map(t -> shown[head][t]), IntStream.of(setAside[head]))
            .sorted()
            .toArray();
    return new HeadKeepSet(rows, merged);
  }

  /** A slot may hold any of the evicted tokens; the tokens it covers end with the last of these. */
  private MergedRow row(int head, HeadKeep keep, MergedSlot slot) {
    int own = slot.extra() ? -1 : positionOf(head, slot.token());
    int first = own;
    int last = own;
    if (slot.count() > 1 || slot.extra()) {
      int firstEvicted = positionOf(head, firstEvicted(keep.tokens()));
      int lastEvicted = positionOf(head, lastEvicted(keep.tokens(), rows(head)));
      first = slot.extra() ? firstEvicted : Math.min(own, firstEvicted);
      last = Math.max(own, lastEvicted);
    }
    return new MergedRow(first, last, slot.key(), slot.value(), slot.weight());
  }

  private int positionOf(int head, int token) {
    return cursor.history().position(layer, firstHead + head, shown[head][token]);
  }

  private static int firstEvicted(int[] kept) {
    int token = 0;
    while (token < kept.length && kept[token] == token) {
      token++;
    }
    return token;
  }

  private static int lastEvicted(int[] kept, int rows) {
    int token = rows - 1;
    for (int i = kept.length - 1; i >= 0 && kept[i] == token; i--) {
      token--;
    }
    return token;
  }
}
