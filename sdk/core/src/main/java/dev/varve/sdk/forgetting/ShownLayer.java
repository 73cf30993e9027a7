package dev.varve.sdk.forgetting;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Positions;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Signal;
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

  /** Whether the session has summed up the attention that {@code policy} looks at. */
  boolean summed(EvictionPolicy policy) {
    return policy.scorer().decay().isPresent()
        && cursor.history().attention(layer, firstHead).isPresent();
  }

  /** Whether the engine has told all of {@code signal} for the rows that may be kept. */
  boolean told(Signal signal) {
    int tokens = cursor.history().tokens() - cursor.history().drafted();
    Optional<float[][]> rows = cursor.history().given(signal, layer);
    return rows.isPresent() && rows.get()[0].length >= tokens;
  }

  /** What the engine told of the rows of these heads; nothing of a draft's. */
  float[][] given(Signal signal) {
    float[][] told = cursor.history().given(signal, layer).orElseThrow();
    LayerShape of = cursor.history().shape().layers().get(layer);
    int perHead = told.length == of.queryHeads() ? of.group() : 1;
    float[][] rows = new float[heads() * perHead][rows(0)];
    for (int row = 0; row < rows.length; row++) {
      int head = row / perHead;
      float[] from = told[told.length == 1 ? 0 : firstHead * perHead + row];
      for (int i = 0; i < shown[head].length; i++) {
        int position = positionOf(head, i);
        rows[row][i] = position < from.length ? from[position] : 0;
      }
    }
    return rows;
  }

  private Map<Signal, float[][]> sums(EvictionPolicy policy) {
    if (!summed(policy)) {
      return Map.of();
    }
    int group = shape().group();
    float[][] sums = new float[heads() * group][rows(0)];
    for (int head = 0; head < heads(); head++) {
      float[][] all = cursor.history().attention(layer, firstHead + head).orElseThrow();
      for (int g = 0; g < group; g++) {
        for (int i = 0; i < shown[head].length; i++) {
          sums[head * group + g][i] = all[g][shown[head][i]];
        }
      }
    }
    return Map.of(Signal.ATTENTION_SUMS, sums);
  }

  ShownRows keys() {
    return new ShownRows(cursor, layer, firstHead, shown, false);
  }

  /** Keys, values and queries. */
  Observation observation() {
    return observation(Map.of());
  }

  /** The same with the attention that the session summed up for {@code policy}. */
  Observation observation(EvictionPolicy policy) {
    return observation(sums(policy));
  }

  private Observation observation(Map<Signal, float[][]> given) {
    int[] positions = new int[rows(0)];
    Arrays.setAll(positions, this::position);
    return new Observation(
        layer,
        shape(),
        keys(),
        new ShownRows(cursor, layer, firstHead, shown, true),
        endsWithTheNewestToken() ? queries(cursor.history().queries(layer)) : QueryRows.none(),
        Positions.of(positions),
        Optional.empty(),
        given);
  }

  LayerShape shape() {
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

  /** The newest {@code count} queries of these heads, head by head. */
  QueryRows queries(int count) {
    LayerShape of = cursor.history().shape().layers().get(layer);
    int dim = of.keyDim();
    int heads = heads() * of.group();
    int first = firstHead * of.group();
    float[] tokens = cursor.history().queryRows(layer);
    int skip = cursor.history().queries(layer) - count;
    float[] byHead = new float[heads * count * dim];
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < count; t++) {
        int from = ((skip + t) * of.queryHeads() + first + head) * dim;
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
      int lastEvicted =
          positionOf(head, lastEvicted(keep.tokens(), rows(head) - cursor.history().drafted()));
      first = slot.extra() ? firstEvicted : Math.min(own, firstEvicted);
      last = Math.max(own, lastEvicted);
    }
    int place = slot.extra() ? MergedRow.NEW : shown[head][slot.token()];
    return new MergedRow(first, last, slot.key(), slot.value(), slot.weight(), place);
  }

  /** Whether these are all heads of the layer. */
  boolean whole() {
    return heads() == cursor.history().shape().layers().get(layer).kvHeads();
  }

  /** Rows of the session that are shown and not kept, in every head if the first keeps that. */
  int[] others(HeadKeep first) {
    return IntStream.range(0, rows(0) - cursor.history().drafted())
        .filter(token -> Arrays.binarySearch(first.tokens(), token) < 0)
        .map(token -> shown[0][token])
        .toArray();
  }

  int positionOf(int head, int token) {
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
