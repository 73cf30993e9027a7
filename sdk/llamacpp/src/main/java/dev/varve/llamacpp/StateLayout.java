package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.ModelDimensions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How build b4916 writes the state of one sequence:
 *
 * <pre>
 * u32 cells
 * cells x { i32 position; u32 0 }
 * u32 1 if values have their axes swapped, u32 layers
 * layers x { i32 type; u64 bytes of a row; cells rows of keys }
 * layers x { i32 type; u64 bytes of a row; cells rows of values }
 *   or, swapped,  { i32 type; u32 bytes of an element; u32 channels; channels x cells elements }
 * </pre>
 *
 * Integers are little-endian; a row is {@code [kvHeads][dim]}, keys after RoPE.
 *
 * @param cells tokens
 * @param swapped whether values lie by channel
 * @param layers of the model
 * @param keys type of the keys
 * @param keyRow bytes of the keys of one token
 * @param values type of the values
 * @param valueRow bytes of the values of one token
 */
record StateLayout(
    int cells,
    boolean swapped,
    int layers,
    CacheType keys,
    long keyRow,
    CacheType values,
    long valueRow) {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int ROWS_HEADER = 12;
  private static final int MOST_POSITIONS = 1 << 28;

  /** The layout for {@code cells} tokens in a context like this. */
  static StateLayout of(ModelDimensions model, ContextOptions options, int cells) {
    long keyNumbers = (long) model.kvHeads() * model.keyDim();
    long valueNumbers = (long) model.kvHeads() * model.valueDim();
    return new StateLayout(
        cells,
        !options.flashAttention(),
        model.layers(),
        options.keys(),
        options.keys().type().bytes(keyNumbers),
        options.values(),
        options.values().type().bytes(valueNumbers));
  }

  /** The same for another number of tokens. */
  StateLayout cells(int count) {
    return new StateLayout(count, swapped, layers, keys, keyRow, values, valueRow);
  }

  /** Bytes of keys and values of a token. */
  long tokenBytes() {
    return layers * (keyRow + valueRow);
  }

  /** Bytes of the whole. */
  long bytes() {
    return valueOffset(layers) - ROWS_HEADER;
  }

  private long front() {
    return Integer.BYTES + 8L * cells + 8;
  }

  /** Where the keys of a layer begin. */
  long keyOffset(int layer) {
    return front() + layer * (ROWS_HEADER + cells * keyRow) + ROWS_HEADER;
  }

  /** Where the values of a layer begin. */
  long valueOffset(int layer) {
    return keyOffset(layers) + layer * (ROWS_HEADER + cells * valueRow);
  }

  /** Writes all that is not keys or values. */
  void writeFrame(MemorySegment state, int[] positions) {
    writeFront(state, positions);
    for (int layer = 0; layer < layers; layer++) {
      writeRows(state, keyOffset(layer) - ROWS_HEADER, keys, keyRow, false);
      writeRows(state, valueOffset(layer) - ROWS_HEADER, values, valueRow, swapped);
    }
  }

  private static void writeRows(
      MemorySegment state, long at, CacheType type, long row, boolean byChannel) {
    state.set(INT, at, type.type().id());
    if (byChannel) {
      int element = (int) type.type().bytes(1);
      state.set(INT, at + 4, element);
      state.set(INT, at + 8, Math.toIntExact(row / element));
    } else {
      state.set(LONG, at + 4, row);
    }
  }

  /**
   * Checks a state against this layout, whatever its number of cells, and gives its positions.
   *
   * @throws LlamaException if it is damaged, or of another kind of model or context
   */
  int[] read(MemorySegment state) {
    if (state.byteSize() < Integer.BYTES) {
      throw new LlamaException("a state of %d bytes is truncated".formatted(state.byteSize()));
    }
    int count = state.get(INT, 0);
    if (count < 1 || cells(count).bytes() != state.byteSize()) {
      throw new LlamaException(
          "a state of %d bytes says it holds %d tokens, which take %s here: it is truncated or of"
                  .formatted(state.byteSize(), count, count < 1 ? "nothing" : cells(count).bytes())
              + " another model");
    }
    StateLayout own = cells(count);
    int[] positions = new int[count];
    for (int cell = 0; cell < count; cell++) {
      positions[cell] = state.get(INT, 4 + 8L * cell);
      if (positions[cell] < 0
          || positions[cell] >= MOST_POSITIONS
          || state.get(INT, 8 + 8L * cell) != 0) {
        throw new LlamaException("a state has no position for token " + cell);
      }
    }
    own.checkFrame(state, positions);
    return positions;
  }

  private void checkFrame(MemorySegment state, int[] positions) {
    MemorySegment expected =
        MemorySegment.ofArray(new long[Math.toIntExact(Math.ceilDiv(front(), 8L))]);
    writeFront(expected, positions);
    long differs = MemorySegment.mismatch(state, 0, front(), expected, 0, front());
    boolean same = differs < 0;
    for (int layer = 0; layer < layers && same; layer++) {
      same =
          hasRows(state, keyOffset(layer) - ROWS_HEADER, keys, keyRow, false)
              && hasRows(state, valueOffset(layer) - ROWS_HEADER, values, valueRow, swapped);
    }
    if (!same) {
      throw new LlamaException(
          "a state is of another model or context: expected are %d layers, %s keys, %s values, %s"
              .formatted(layers, keys, values, swapped ? "no flash attention" : "flash attention"));
    }
  }

  private void writeFront(MemorySegment front, int[] positions) {
    front.set(INT, 0, cells);
    for (int cell = 0; cell < cells; cell++) {
      front.set(INT, 4 + 8L * cell, positions[cell]);
      front.set(INT, 8 + 8L * cell, 0);
    }
    front.set(INT, front() - 8, swapped ? 1 : 0);
    front.set(INT, front() - 4, layers);
  }

  private static boolean hasRows(
      MemorySegment state, long at, CacheType type, long row, boolean byChannel) {
    MemorySegment expected = MemorySegment.ofArray(new byte[ROWS_HEADER]);
    writeRows(expected, 0, type, row, byChannel);
    return MemorySegment.mismatch(state, at, at + ROWS_HEADER, expected, 0, ROWS_HEADER) < 0;
  }
}
