package dev.varve.cli.llama;

import dev.varve.cli.file.LlamaSlot;
import dev.varve.compression.lossless.ElementKind;
import java.lang.foreign.MemorySegment;

/**
 * Where keys or values of one layer lie in a slot file.
 *
 * @param kind of the elements
 * @param offset in the file
 * @param rowBytes bytes of one token
 * @param byChannel whether the tokens of one channel follow each other
 */
record SlotSection(ElementKind kind, long offset, long rowBytes, boolean byChannel) {

  static SlotSection of(LlamaSlot.Rows rows) {
    ElementKind kind = rows.dtype().map(ElementKind::of).orElse(ElementKind.BYTES);
    return new SlotSection(kind, rows.offset(), rows.rowBytes(), rows.byChannel());
  }

  /** Elements of one token. */
  int dim() {
    return Math.toIntExact(rowBytes / kind.bytes());
  }

  /** Copies tokens {@code [from, from + count)} out of a file as {@code [count][rowBytes]}. */
  void gather(MemorySegment file, int cells, int from, int count, MemorySegment rows, long at) {
    move(file, cells, from, count, rows, at, true);
  }

  /** Copies them back. */
  void scatter(MemorySegment file, int cells, int from, int count, MemorySegment rows, long at) {
    move(file, cells, from, count, rows, at, false);
  }

  private void move(
      MemorySegment file,
      int cells,
      int from,
      int count,
      MemorySegment rows,
      long at,
      boolean out) {
    if (!byChannel) {
      copy(file, offset + from * rowBytes, rows, at, count * rowBytes, out);
      return;
    }
    int element = kind.bytes();
    for (int channel = 0; channel < dim(); channel++) {
      long column = offset + ((long) channel * cells + from) * element;
      for (int cell = 0; cell < count; cell++) {
        long row = at + cell * rowBytes + (long) channel * element;
        copy(file, column + (long) cell * element, rows, row, element, out);
      }
    }
  }

  private static void copy(
      MemorySegment file, long one, MemorySegment rows, long other, long bytes, boolean out) {
    if (out) {
      MemorySegment.copy(file, one, rows, other, bytes);
    } else {
      MemorySegment.copy(rows, other, file, one, bytes);
    }
  }
}
