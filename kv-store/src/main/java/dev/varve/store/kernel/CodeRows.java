package dev.varve.store.kernel;

import dev.varve.store.Checks;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A view of rows of small integers without gaps: codes of 8 bits from -128 to 127, or of 4 bits
 * from 0 to 15. A row of 4-bit codes is planar: byte {@code i} of a row of {@code n} codes holds
 * code {@code i} in its lower half and code {@code i + n / 2} in its upper half. Mutable and
 * borrowed like {@link StoredRows}.
 */
public final class CodeRows {
  private int bits = Byte.SIZE;
  private int columns = 2;
  private MemorySegment bytes = MemorySegment.NULL;
  private long offset;
  private int rows;

  /** Rows of {@code columns} codes, an even number, of {@code bits} each. Forgets the memory. */
  public CodeRows layout(int bits, int columns) {
    if (bits != 8 && bits != 4) {
      throw new IllegalArgumentException("codes have 8 or 4 bits: " + bits);
    }
    if (Checks.positive(columns, "columns") % 2 != 0) {
      throw new IllegalArgumentException("rows of codes must be even: " + columns);
    }
    this.bits = bits;
    this.columns = columns;
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
  public CodeRows at(MemorySegment bytes, long offset, int rows) {
    Checks.notNegative(rows, "rows");
    Objects.checkFromIndexSize(offset, rows * rowBytes(), bytes.byteSize());
    this.bytes = bytes;
    this.offset = offset;
    this.rows = rows;
    return this;
  }

  /** Bits of a code. */
  public int bits() {
    return bits;
  }

  /** Codes of a row. */
  public int columns() {
    return columns;
  }

  /** Bytes of a row. */
  public long rowBytes() {
    return (long) columns * bits / Byte.SIZE;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** The memory that holds the rows. */
  public MemorySegment bytes() {
    return bytes;
  }

  /** Where row {@code row} begins in {@link #bytes()}. */
  public long offset(int row) {
    return offset + row * rowBytes();
  }
}
