package dev.varve.store.kernel;

import dev.varve.store.Checks;
import java.util.Objects;

/**
 * A view of rows of floats in somebody's array: a batch of vectors, or the place of the results.
 * Mutable for the same reason as {@link StoredRows}. How long a row is, the kernel knows.
 */
public final class FloatRows {
  private float[] values = {};
  private int offset;
  private int stride;
  private int rows;

  /** Points the view at {@code rows} rows of {@code values}, the first at {@code offset}. */
  public FloatRows at(float[] values, int offset, int stride, int rows) {
    this.values = values;
    this.offset = Checks.notNegative(offset, "offset");
    this.stride = Checks.notNegative(stride, "stride");
    this.rows = Checks.notNegative(rows, "rows");
    return this;
  }

  /** The array that holds the rows. */
  public float[] values() {
    return values;
  }

  /** Floats from one row to the next. */
  public int stride() {
    return stride;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Where row {@code row} begins in {@link #values()}. */
  public int offset(int row) {
    return offset + row * stride;
  }

  /**
   * Returns {@code this} if every row has room for {@code columns} floats.
   *
   * @throws IllegalArgumentException if rows overlap or {@code rows} differs from the rows it has
   * @throws IndexOutOfBoundsException if a row ends outside the array
   */
  public FloatRows require(int rows, int columns, String name) {
    if (this.rows != rows) {
      throw new IllegalArgumentException(name + " must have " + rows + " rows: " + this.rows);
    }
    if (rows > 1 && stride < columns) {
      throw new IllegalArgumentException(
          name + " of " + columns + " floats overlap at a stride of " + stride);
    }
    if (rows > 0) {
      long end = offset + (rows - 1L) * stride + columns;
      Objects.checkFromToIndex(offset, end, (long) values.length);
    }
    return this;
  }
}
