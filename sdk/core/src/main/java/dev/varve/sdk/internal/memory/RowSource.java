package dev.varve.sdk.internal.memory;

import dev.varve.store.kernel.SoftmaxKernel;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** The rows of a session, wherever they lie: of shared blocks, or private ones. */
public interface RowSource {

  /** Rows of one KV head of a layer that stores blocks. */
  int rows(int layer, int head);

  /** Position of a row; ascending. */
  int position(int layer, int head, int row);

  /** Position of the first token that a row stands for. */
  int first(int layer, int head, int row);

  /** How many tokens a row stands for. */
  float weight(int layer, int head, int row);

  /** Whether a row of the head stands for more or less than one token. */
  boolean merged(int layer, int head);

  /** What the logit of each row is raised by; {@link SoftmaxKernel#NO_BIAS} for nothing. */
  default float[] bias(int layer, int head) {
    return SoftmaxKernel.NO_BIAS;
  }

  /** Query heads for which a row of the layer has a sum of attention; 0 if it has none. */
  default int sums(int layer) {
    return 0;
  }

  /** Attention that a row has received from query head {@code g} of its group. */
  default float sum(int layer, int head, int row, int g) {
    throw new IllegalStateException("layer " + layer + " has no sums of attention");
  }

  /** Rows that the last decision left to a head. */
  default int places(int layer, int head) {
    return rows(layer, head);
  }

  /** Rows, of all heads, that a layer holds in few bits beside these. */
  default long codedRows(int layer) {
    return 0;
  }

  /** Bytes of those. */
  default long codedBytes(int layer) {
    return 0;
  }

  /** Takes the positions of those out of a set. */
  default void clearCoded(int layer, BitSet positions) {}

  /** Positions below this one may have no row though nobody chose so. */
  int from(int layer);

  /** Shows all rows of a layer, those of one head in order; each stretch is lent for the call. */
  void visit(int layer, Visitor visitor);

  /** Sees rows. */
  @FunctionalInterface
  interface Visitor {

    /**
     * The rows {@code [first, first + count)} of {@code head} lie in {@code stripe} of a block,
     * from its token {@code at} on.
     */
    void rows(int head, MemorySegment block, int stripe, int at, int first, int count);
  }
}
