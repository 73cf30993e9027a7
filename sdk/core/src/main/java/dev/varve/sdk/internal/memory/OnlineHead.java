package dev.varve.sdk.internal.memory;

import dev.varve.eviction.online.HeadRowsView;
import dev.varve.eviction.online.OnlineEviction;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/**
 * One head of a session while a row of it goes: where rows lie, and what two of them become when
 * one takes up the other. Reused from head to head; allocates nothing. For one thread at a time.
 */
final class OnlineHead implements HeadRowsView {

  private final PrivateLayer layer;
  private final BlockGeometry geometry;
  private final DtypeKernel kernel;
  private final float[] key;
  private final float[] otherKey;
  private final float[] value;
  private int head;
  private HeadRows rows;

  OnlineHead(PrivateLayer layer, DtypeKernel kernel) {
    this.layer = layer;
    this.geometry = layer.geometry();
    this.kernel = kernel;
    this.key = new float[geometry.keyDim()];
    this.otherKey = new float[geometry.keyDim()];
    this.value = new float[geometry.valueDim()];
    this.rows = layer.head(0);
  }

  /** Has {@code rule} choose rows of a head until no more than {@code places} are left. */
  int evict(int head, int places, OnlineEviction rule) {
    this.head = head;
    this.rows = layer.head(head);
    int gone = 0;
    while (rows.rows() > places) {
      int leaving = checked(rule.leaves(this), "the row that goes");
      int heir = rule.heir(this, leaving);
      if (heir == OnlineEviction.NONE) {
        layer.remove(head, leaving);
      } else {
        merge(rule, leaving, checked(heir, "the row that takes it up"));
      }
      gone++;
    }
    return gone;
  }

  private int checked(int row, String name) {
    if (row < 0 || row >= rows.rows()) {
      throw new IllegalArgumentException(
          "%s must lie between 0 and %d: %d".formatted(name, rows.rows() - 1, row));
    }
    return row;
  }

  /** The average of both, by the tokens they stand for, takes the place of the later one. */
  private void merge(OnlineEviction rule, int leaving, int heir) {
    double own = count(rule, heir);
    double more = count(rule, leaving);
    if (rows.startMeans(heir, geometry.keyDim(), geometry.valueDim())) {
      load(true, heir, rows.meanKey());
      if (!geometry.valueIsPrefixOfKey()) {
        load(false, heir, rows.meanValue());
      }
    }
    load(true, leaving, key);
    average(rows.meanKey(), own, key, more);
    if (!geometry.valueIsPrefixOfKey()) {
      load(false, leaving, value);
      average(rows.meanValue(), own, value, more);
    }
    int stays = Math.max(leaving, heir);
    int goes = Math.min(leaving, heir);
    rows.unite(goes, stays, rule.weight(own + more));
    store(stays);
    layer.remove(head, goes);
  }

  private double count(OnlineEviction rule, int row) {
    return merged(row) ? rule.count(rows.weight(row)) : 1;
  }

  private static void average(float[] means, double own, float[] other, double more) {
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) ((own * means[i] + more * other[i]) / (own + more));
    }
  }

  private void load(boolean keys, int row, float[] into) {
    MemorySegment block = layer.block(head, row);
    int stripe = layer.stripe(head, row);
    int at = row % geometry.tokens();
    long offset = keys ? geometry.keyOffset(stripe, at) : geometry.valueOffset(stripe, at);
    kernel.load(block, offset, into, 0, keys ? geometry.keyDim() : geometry.valueDim());
  }

  private void store(int row) {
    MemorySegment block = layer.block(head, row);
    int stripe = layer.stripe(head, row);
    int at = row % geometry.tokens();
    kernel.store(rows.meanKey(), 0, geometry.keyDim(), block, geometry.keyOffset(stripe, at));
    if (!geometry.valueIsPrefixOfKey()) {
      long offset = geometry.valueOffset(stripe, at);
      kernel.store(rows.meanValue(), 0, geometry.valueDim(), block, offset);
    }
  }

  @Override
  public int rows() {
    return rows.rows();
  }

  @Override
  public float attention(int row) {
    return rows.attention(row);
  }

  @Override
  public boolean merged(int row) {
    return rows.weight(row) != 1 || rows.first(row) != rows.position(row);
  }

  @Override
  public float keyProduct(int row, int other) {
    load(true, row, key);
    load(true, other, otherKey);
    float product = 0;
    for (int i = 0; i < key.length; i++) {
      product += key[i] * otherKey[i];
    }
    return product;
  }
}
