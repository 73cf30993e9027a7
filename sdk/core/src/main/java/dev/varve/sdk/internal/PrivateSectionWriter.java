package dev.varve.sdk.internal;

import static dev.varve.sdk.internal.SessionFileDescriptor.INT;

import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;

/** Writes private rows as {@link PrivateSectionDescriptor} says. */
final class PrivateSectionWriter {

  private final ModelGeometry geometry;
  private final RowSource rows;
  private final MemorySegment file;

  PrivateSectionWriter(ModelGeometry geometry, RowSource rows, MemorySegment file) {
    this.geometry = geometry;
    this.rows = rows;
    this.file = file;
  }

  /** Writes from offset {@code at} on; returns the end. */
  long write(long at) {
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        at = write(layer, at);
      }
    }
    return at;
  }

  private long write(int layer, long at) {
    BlockGeometry block = geometry.block(layer);
    SessionFileWriter.writeLayerHeader(block, layer, file.asSlice(at));
    file.set(INT, at + PrivateSectionDescriptor.FROM_OFFSET, rows.from(layer));
    int sums = rows.sums(layer);
    file.set(INT, at + PrivateSectionDescriptor.SUMS_OFFSET, sums);
    at += PrivateSectionDescriptor.LAYER_LENGTH;
    long[] keys = new long[block.kvHeads()];
    for (int head = 0; head < keys.length; head++) {
      boolean merged = rows.merged(layer, head);
      int count = rows.rows(layer, head);
      keys[head] = writeRows(layer, head, merged, at);
      at += PrivateSectionDescriptor.headBytes(block, count, merged, sums);
    }
    rows.visit(
        layer,
        (head, from, stripe, token, first, count) -> {
          long key = keys[head] + first * block.keyRowBytes();
          long keyBytes = count * block.keyRowBytes();
          MemorySegment.copy(from, block.keyOffset(stripe, token), file, key, keyBytes);
          long rowBytes = SessionFileDescriptor.valueRowBytes(block);
          if (rowBytes > 0) {
            long values = keys[head] + rows.rows(layer, head) * block.keyRowBytes();
            long value = values + first * rowBytes;
            MemorySegment.copy(
                from, block.valueOffset(stripe, token), file, value, count * rowBytes);
          }
        });
    return at;
  }

  /** Writes what the rows of a head are; returns where their keys go. */
  private long writeRows(int layer, int head, boolean merged, long at) {
    int count = rows.rows(layer, head);
    file.set(INT, at + PrivateSectionDescriptor.ROWS_OFFSET, count);
    file.set(INT, at + PrivateSectionDescriptor.MERGED_OFFSET, merged ? 1 : 0);
    at += PrivateSectionDescriptor.HEAD_LENGTH;
    for (int row = 0; row < count; row++, at += Integer.BYTES) {
      file.set(INT, at, rows.position(layer, head, row));
    }
    for (int row = 0; merged && row < count; row++, at += Integer.BYTES) {
      file.set(INT, at, rows.first(layer, head, row));
    }
    for (int row = 0; merged && row < count; row++, at += Integer.BYTES) {
      file.set(INT, at, Float.floatToRawIntBits(rows.weight(layer, head, row)));
    }
    for (int g = 0; g < rows.sums(layer); g++) {
      for (int row = 0; row < count; row++, at += Float.BYTES) {
        file.set(INT, at, Float.floatToRawIntBits(rows.sum(layer, head, row, g)));
      }
    }
    return at;
  }
}
