package dev.varve.llamacpp;

import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layers of a sequence's state as tensors {@code [tokens][heads][dim]}: keys in place, values
 * in place or, where the engine keeps them by channel, in a copy that is turned over.
 */
final class StateRows {

  private final StateLayout layout;
  private final ModelShape shape;
  private final MemorySegment state;
  private final Arena arena;

  /**
   * Over a state.
   *
   * @param shape what the rows are to our cache
   * @param arena where copies lie
   */
  StateRows(StateLayout layout, ModelShape shape, MemorySegment state, Arena arena) {
    this.layout = layout;
    this.shape = shape;
    this.state = state;
    this.arena = arena;
  }

  /** Keys and values of a layer, to be read. */
  LayerTensors read(int layer) {
    if (!layout.swapped()) {
      return new LayerTensors(keys(layer), values(layer, state, layout.valueOffset(layer)));
    }
    MemorySegment rows = rows();
    turn(layout.valueOffset(layer), rows, true);
    return new LayerTensors(keys(layer), values(layer, rows, 0));
  }

  /** Rows for values of one layer after the other. */
  MemorySegment rows() {
    return arena.allocate(layout.cells() * layout.valueRow(), Long.BYTES);
  }

  /** Keys of a layer in place, and its values: in place or, swapped, in {@code rows}. */
  LayerTensors target(int layer, MemorySegment rows) {
    return new LayerTensors(
        keys(layer),
        layout.swapped()
            ? values(layer, rows, 0)
            : values(layer, state, layout.valueOffset(layer)));
  }

  /** Puts {@code rows} into the state, where it keeps values by channel. */
  void put(int layer, MemorySegment rows) {
    if (layout.swapped()) {
      turn(layout.valueOffset(layer), rows, false);
    }
  }

  private EngineTensor keys(int layer) {
    LayerShape of = shape.layers().get(layer);
    return tensor(state, layout.keyOffset(layer), of.kvHeads(), of.keyDim(), layout.keyRow());
  }

  private EngineTensor values(int layer, MemorySegment memory, long offset) {
    LayerShape of = shape.layers().get(layer);
    return tensor(memory, offset, of.kvHeads(), of.valueDim(), layout.valueRow());
  }

  private EngineTensor tensor(MemorySegment memory, long offset, int heads, int dim, long row) {
    return new EngineTensor(
        memory, offset, shape.dtype(), layout.cells(), heads, dim, row, row / heads);
  }

  /** Elements of values are of two or of four bytes where they lie by channel. */
  private void turn(long at, MemorySegment rows, boolean toRows) {
    int element = (int) layout.values().type().bytes(1);
    int channels = (int) (layout.valueRow() / element);
    for (int channel = 0; channel < channels; channel++) {
      long column = at + (long) channel * layout.cells() * element;
      for (int cell = 0; cell < layout.cells(); cell++) {
        long one = column + (long) cell * element;
        long other = ((long) cell * channels + channel) * element;
        if (element == Short.BYTES) {
          move(ValueLayout.JAVA_SHORT_UNALIGNED, one, rows, other, toRows);
        } else {
          move(ValueLayout.JAVA_INT_UNALIGNED, one, rows, other, toRows);
        }
      }
    }
  }

  private void move(
      ValueLayout.OfShort type, long one, MemorySegment rows, long other, boolean toRows) {
    if (toRows) {
      rows.set(type, other, state.get(type, one));
    } else {
      state.set(type, one, rows.get(type, other));
    }
  }

  private void move(
      ValueLayout.OfInt type, long one, MemorySegment rows, long other, boolean toRows) {
    if (toRows) {
      rows.set(type, other, state.get(type, one));
    } else {
      state.set(type, one, rows.get(type, other));
    }
  }
}
