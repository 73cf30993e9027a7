package dev.varve.store.kernel;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A view of equally long rows of stored elements in somebody's memory: the keys of one head, a
 * weight matrix. Mutable, so that a step can point the same view at block after block without
 * allocating. The memory is borrowed: it must stay valid while a kernel reads through the view.
 *
 * <pre>
 *  offset                offset + stride
 *  | columns elements | gap | columns elements | gap | ...   rows times
 * </pre>
 */
public final class StoredRows {
  private Dtype dtype = Dtype.F32;
  private int columns = 1;
  private long stride = Float.BYTES;
  private MemorySegment bytes = MemorySegment.NULL;
  private long offset;
  private int rows;

  /** Rows without gaps of {@code columns} elements each. Forgets the memory. */
  public StoredRows layout(Dtype dtype, int columns) {
    return layout(dtype, columns, (long) columns * dtype.bytes());
  }

  /** Rows of {@code columns} elements that begin {@code stride} bytes apart. Forgets the memory. */
  public StoredRows layout(Dtype dtype, int columns, long stride) {
    Checks.positive(columns, "columns");
    if (stride < (long) columns * dtype.bytes()) {
      throw new IllegalArgumentException(
          "rows of " + columns + " " + dtype + " elements overlap at a stride of " + stride);
    }
    this.dtype = dtype;
    this.columns = columns;
    this.stride = stride;
    this.bytes = MemorySegment.NULL;
    this.offset = 0;
    this.rows = 0;
    return this;
  }

  /**
   * Points the view at {@code rows} rows that begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if they do not lie inside {@code bytes}
   */
  public StoredRows at(MemorySegment bytes, long offset, int rows) {
    Checks.notNegative(rows, "rows");
    long size = rows == 0 ? 0 : (rows - 1) * stride + (long) columns * dtype.bytes();
    Objects.checkFromIndexSize(offset, size, bytes.byteSize());
    this.bytes = bytes;
    this.offset = offset;
    this.rows = rows;
    return this;
  }

  /** Element type. */
  public Dtype dtype() {
    return dtype;
  }

  /** Elements of a row. */
  public int columns() {
    return columns;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Bytes from one row to the next. */
  public long stride() {
    return stride;
  }

  /** Whether row follows row without a gap. */
  public boolean dense() {
    return stride == (long) columns * dtype.bytes();
  }

  /** The memory that holds the rows. */
  public MemorySegment bytes() {
    return bytes;
  }

  /** Where row {@code row} begins in {@link #bytes()}. */
  public long offset(int row) {
    return offset + row * stride;
  }
}
