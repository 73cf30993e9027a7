package dev.varve.compression.calibrated;

import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * Keys that are kept as they are, token by token in the order of channels: the channel, u16, then
 * the element as it is stored; of two that RoPE turns together the first one's channel, then both
 * elements. How many a token has stands at the front of the section. For one thread at a time.
 */
final class KeyOutliers {
  private static final int ONE_IN = 8;

  private final SectionShape shape;
  private final KeyPairs pairs;
  private final DtypeKernel kernel;
  private final int units;
  private final boolean paired;
  private MemorySegment target = MemorySegment.NULL;
  private long at;
  private int count;
  private int most;

  KeyOutliers(SectionShape shape, KeyPairs pairs) {
    int firsts = 0;
    for (int j = 0; j < shape.dim(); j++) {
      firsts += pairs.partner(j) >= j ? 1 : 0;
    }
    this.shape = shape;
    this.pairs = pairs;
    this.kernel = DtypeKernel.of(Backend.SCALAR, shape.dtype());
    this.units = firsts * shape.heads();
    this.paired = firsts < shape.dim();
  }

  /** Pairs, and elements that have no partner, of one token. */
  int units() {
    return units;
  }

  /** The most outliers of {@code tokens} tokens. */
  int most(int tokens) {
    return (int) ((long) tokens * units / ONE_IN);
  }

  /** The most bytes of them. */
  long maxBytes(int tokens) {
    return (long) most(tokens) * (Short.BYTES + (paired ? 2 : 1) * shape.dtype().bytes());
  }

  /** Begins to write outliers of {@code tokens} tokens from {@code offset} on. */
  void begin(MemorySegment newTarget, long offset, int tokens) {
    target = newTarget;
    at = offset;
    count = 0;
    most = most(tokens);
  }

  /** How many were written. */
  int count() {
    return count;
  }

  /** Where they end. */
  long end() {
    return at;
  }

  /** Says how many there are of {@code token}. */
  void writeCount(int token, int number) {
    target.set(DtypeLayouts.SHORT, (long) token * Short.BYTES, (short) number);
  }

  /**
   * Writes element {@code j} of the row at {@code row}, and its partner; false if there are too
   * many.
   */
  boolean write(float[] values, int row, int head, int j) {
    if (count == most) {
      return false;
    }
    target.set(DtypeLayouts.SHORT, at, (short) (head * shape.dim() + j));
    at += Short.BYTES;
    kernel.store(values, row + j, 1, target, at);
    at += shape.dtype().bytes();
    if (pairs.partner(j) != j) {
      kernel.store(values, row + pairs.partner(j), 1, target, at);
      at += shape.dtype().bytes();
    }
    count++;
    return true;
  }

  /**
   * Puts the outliers at {@code offset} in their places; false where they do not fill the bytes.
   */
  boolean read(MemorySegment source, long offset, SectionFloats floats) {
    long from = offset;
    int bytes = shape.dtype().bytes();
    for (int token = 0; token < floats.tokens(); token++) {
      int number = Short.toUnsignedInt(source.get(DtypeLayouts.SHORT, (long) token * Short.BYTES));
      int last = -1;
      for (int k = 0; k < number; k++) {
        if (source.byteSize() - from < Short.BYTES) {
          return false;
        }
        int channel = Short.toUnsignedInt(source.get(DtypeLayouts.SHORT, from));
        from += Short.BYTES;
        int j = channel % shape.dim();
        int partner = pairs.partner(j);
        int elements = partner == j ? 1 : 2;
        if (channel <= last
            || channel >= shape.channels()
            || partner < j
            || source.byteSize() - from < (long) elements * bytes) {
          return false;
        }
        int row = floats.at(channel / shape.dim(), token);
        kernel.load(source, from, floats.values(), row + j, 1);
        if (elements == 2) {
          kernel.load(source, from + bytes, floats.values(), row + partner, 1);
        }
        from += (long) elements * bytes;
        last = channel;
      }
    }
    return from == source.byteSize();
  }
}
