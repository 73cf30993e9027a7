package dev.varve.compression.quantize;

import java.lang.foreign.MemorySegment;

/**
 * Rows of codes of 2, 3 or 4 bits. A row of three bits is the lower two bits of all codes, then the
 * third; the others are packed as they are. For one thread at a time.
 */
public final class CodeRows {
  private final QuantizeKernel kernel;
  private final int dim;
  private final int bits;
  private final byte[] upper;

  /** Rows of {@code dim} codes. */
  public CodeRows(QuantizeKernel kernel, int dim, int bits) {
    this.kernel = kernel;
    this.dim = dim;
    this.bits = bits;
    this.upper = new byte[dim];
  }

  /** Bytes of a row. */
  public int bytes() {
    return dim * bits / Byte.SIZE;
  }

  /** Writes a row; of three bits it leaves the lower two in {@code codes}. */
  public void pack(byte[] codes, MemorySegment target, long offset) {
    if (bits != 3) {
      kernel.pack(codes, dim, bits, target, offset);
      return;
    }
    for (int j = 0; j < dim; j++) {
      upper[j] = (byte) (codes[j] >> 2);
      codes[j] &= 3;
    }
    kernel.pack(codes, dim, 2, target, offset);
    kernel.pack(upper, dim, 1, target, offset + dim / 4);
  }

  /** Reads a row. */
  public void unpack(MemorySegment source, long offset, byte[] codes) {
    if (bits != 3) {
      kernel.unpack(source, offset, dim, bits, codes);
      return;
    }
    kernel.unpack(source, offset, dim, 2, codes);
    kernel.unpack(source, offset + dim / 4, dim, 1, upper);
    for (int j = 0; j < dim; j++) {
      codes[j] |= (byte) (upper[j] << 2);
    }
  }
}
