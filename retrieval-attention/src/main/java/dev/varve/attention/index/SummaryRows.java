package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Rows of a summary that grow at the end: for each head as many rows of as many elements, in native
 * memory that is freed when nobody holds this object any more. For one thread.
 *
 * <pre>
 *  head 0: row 0 | row 1 | ... | room to grow     head 1: ...
 * </pre>
 */
final class SummaryRows {
  private static final int FIRST_ROOM = 64;
  private static final int ALIGNMENT = 64;

  private final int heads;
  private final int columns;
  private final Dtype dtype;
  private final DtypeKernel kernel;
  private MemorySegment memory = MemorySegment.NULL;
  private int room;
  private int rows;

  SummaryRows(int heads, int columns, Dtype dtype) {
    this.heads = Checks.positive(heads, "heads");
    this.columns = Checks.positive(columns, "columns");
    this.dtype = dtype;
    this.kernel = DtypeKernel.of(Backend.SCALAR, dtype);
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Bytes of one row. */
  long rowBytes() {
    return (long) columns * dtype.bytes();
  }

  /** Bytes of all rows. */
  long bytes() {
    return (long) heads * rows * rowBytes();
  }

  /** Makes {@code rows} rows of it; those that are new hold nothing of use yet. */
  void resize(int rows) {
    if (rows > room) {
      int larger = Math.max(FIRST_ROOM, Math.max(rows, Math.multiplyExact(2, room)));
      MemorySegment grown = Arena.ofAuto().allocate((long) heads * larger * rowBytes(), ALIGNMENT);
      for (int head = 0; head < heads; head++) {
        MemorySegment.copy(
            memory, at(head, 0), grown, (long) head * larger * rowBytes(), this.rows * rowBytes());
      }
      memory = grown;
      room = larger;
    }
    this.rows = rows;
  }

  /** Writes {@code row[at]} and up as a row. */
  void set(int head, int index, float[] row, int at) {
    Objects.checkIndex(index, rows);
    kernel.store(row, at, columns, memory, at(head, index));
  }

  /** Reads a row to {@code target[at]} and up. */
  void get(int head, int index, float[] target, int at) {
    Objects.checkIndex(index, rows);
    kernel.load(memory, at(head, index), target, at, columns);
  }

  /** Points {@code view} at the rows {@code [from, from + count)} of {@code head}. */
  StoredRows view(StoredRows view, int head, int from, int count) {
    Objects.checkFromIndexSize(from, count, rows);
    return view.layout(dtype, columns).at(memory, at(head, from), count);
  }

  /** The memory of all rows of a head. */
  MemorySegment head(int head) {
    return memory.asSlice(at(head, 0), rows * rowBytes());
  }

  private long at(int head, int index) {
    return ((long) Objects.checkIndex(head, heads) * room + index) * rowBytes();
  }
}
