package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.kernel.SoftmaxKernel;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one KV head that need not be neighbours in the sequence: the front of one head's stripe
 * of a block, with the position of every row and what its logit is raised by. Mutable, so that a
 * step can describe page after page without allocating; memory and arrays are borrowed.
 *
 * <pre>
 *  block:      | stripe 0 | stripe 1: row 0, row 1, ... row count-1, unused | stripe 2 | ...
 *  positions:  ... at: position of row 0, ...               ascending
 *  bias:       ... at: ln of the weight of row 0, ...       or none
 * </pre>
 */
public final class RowPage {
  private MemorySegment block = MemorySegment.NULL;
  private @Nullable BlockGeometry geometry;
  private int stripe;
  private int count;
  private int[] positions = {};
  private float[] bias = SoftmaxKernel.NO_BIAS;
  private int at;

  /**
   * Sets where the rows lie.
   *
   * @param block at least {@code geometry.bytes()} bytes
   * @param geometry where keys and values lie in it
   * @param stripe the head of the geometry whose stripe holds the rows
   */
  public RowPage memory(MemorySegment block, BlockGeometry geometry, int stripe) {
    if (block.byteSize() < geometry.bytes()) {
      throw new IllegalArgumentException(
          "a block needs " + geometry.bytes() + " bytes but has " + block.byteSize());
    }
    this.block = block;
    this.geometry = geometry;
    this.stripe = Objects.checkIndex(stripe, geometry.kvHeads());
    this.count = 0;
    return this;
  }

  /**
   * Sets which rows these are.
   *
   * @param count rows, from the first of the stripe on
   * @param positions ascending from {@code at} on; equal ones may follow each other
   * @param bias added to each logit after the soft cap, from {@code at} on; {@link
   *     SoftmaxKernel#NO_BIAS} for nothing
   */
  public RowPage rows(int count, int[] positions, float[] bias, int at) {
    this.count = Checks.inRange(count, 1, geometry().tokens(), "rows of a page");
    Objects.checkFromIndexSize(at, count, positions.length);
    if (bias.length > 0) {
      Objects.checkFromIndexSize(at, count, bias.length);
    }
    this.positions = positions;
    this.bias = bias;
    this.at = at;
    return this;
  }

  MemorySegment block() {
    return block;
  }

  BlockGeometry geometry() {
    if (geometry == null) {
      throw new IllegalStateException("the page has no memory: call memory() first");
    }
    return geometry;
  }

  int stripe() {
    return stripe;
  }

  int count() {
    return count;
  }

  int firstPosition() {
    return positions[at];
  }

  int lastPosition() {
    return positions[at + count - 1];
  }

  float[] bias() {
    return bias;
  }

  /** Where the bias of {@code row} is. */
  int biasAt(int row) {
    return at + row;
  }

  /** Number of rows at positions below {@code position}. */
  int rowsBelow(int position) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (positions[at + middle] < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
