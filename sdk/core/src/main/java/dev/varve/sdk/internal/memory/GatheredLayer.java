package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.LayerHistory;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Rows of one layer, head behind head, copied out of the blocks where they lie. */
final class GatheredLayer implements LayerHistory, RowSource.Visitor {

  private final int layer;
  private final LayerShape shape;
  private final BlockGeometry geometry;
  private final RowSource source;
  private final MemorySegment[] keys;
  private final MemorySegment[] values;
  private final StoredRows keyView = new StoredRows();
  private final StoredRows valueView = new StoredRows();

  GatheredLayer(ModelGeometry model, int layer, RowSource source, Arena arena) {
    this.layer = layer;
    this.shape = model.shape().layers().get(layer);
    this.geometry = model.block(layer);
    this.source = source;
    this.keys = new MemorySegment[geometry.kvHeads()];
    this.values = new MemorySegment[geometry.kvHeads()];
    for (int head = 0; head < keys.length; head++) {
      long rows = Math.max(1, source.rows(layer, head));
      keys[head] = arena.allocate(rows * geometry.keyRowBytes(), BlockGeometry.ALIGNMENT);
      values[head] =
          geometry.valueIsPrefixOfKey()
              ? keys[head]
              : arena.allocate(rows * geometry.valueRowBytes(), BlockGeometry.ALIGNMENT);
    }
    keyView.layout(geometry.dtype(), geometry.keyDim(), geometry.keyRowBytes());
    valueView.layout(geometry.dtype(), geometry.valueDim(), geometry.valueRowBytes());
  }

  @Override
  public void rows(int head, MemorySegment block, int stripe, int at, int first, int count) {
    long key = geometry.keyRowBytes();
    MemorySegment.copy(block, geometry.keyOffset(stripe, at), keys[head], first * key, count * key);
    if (!geometry.valueIsPrefixOfKey()) {
      long value = geometry.valueRowBytes();
      MemorySegment.copy(
          block, geometry.valueOffset(stripe, at), values[head], first * value, count * value);
    }
  }

  @Override
  public LayerShape shape() {
    return shape;
  }

  @Override
  public int rows(int kvHead) {
    return source.rows(layer, kvHead);
  }

  @Override
  public int position(int kvHead, int row) {
    return source.position(layer, kvHead, row);
  }

  @Override
  public float weight(int kvHead, int row) {
    return source.weight(layer, kvHead, row);
  }

  @Override
  public StoredRows keys(int kvHead) {
    return keyView.at(keys[kvHead], 0, rows(kvHead));
  }

  @Override
  public StoredRows values(int kvHead) {
    return valueView.at(values[kvHead], 0, rows(kvHead));
  }
}
