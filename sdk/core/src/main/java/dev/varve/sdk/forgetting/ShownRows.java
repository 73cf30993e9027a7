package dev.varve.sdk.forgetting;

import dev.varve.eviction.observe.KvRows;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.StoredRows;

/** Keys or values of the rows that a policy is shown of some heads of a layer. */
@SuppressWarnings("ArrayRecordComponent") // shown, never compared
record ShownRows(LayerCursor cursor, int layer, int firstHead, int[][] shown, boolean values)
    implements KvRows {

  @Override
  public int heads() {
    return shown.length;
  }

  @Override
  public int tokens() {
    return shown[0].length;
  }

  @Override
  public int dim() {
    LayerShape shape = cursor.history().shape().layers().get(layer);
    return values ? shape.valueDim() : shape.keyDim();
  }

  @Override
  public int point(StoredRows view, int head, int from, int most) {
    LayerHistory rows = cursor.layer(layer);
    StoredRows all = values ? rows.values(firstHead + head) : rows.keys(firstHead + head);
    int[] of = shown[head];
    int row = of[from];
    int run = 1;
    while (run < most && of[from + run] == row + run) {
      run++;
    }
    long stride = all.offset(1) - all.offset(0);
    view.layout(all.dtype(), dim(), stride).at(all.bytes(), all.offset(row), run);
    return run;
  }
}
