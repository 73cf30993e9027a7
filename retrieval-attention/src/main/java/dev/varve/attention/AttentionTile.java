package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operands of one kernel call: some queries of one KV head's group against consecutive rows of
 * one block. Every query sees every row; causality and windows are the caller's cuts. Mutable, so
 * that one tile serves a whole step without allocating; all memory is borrowed until the call
 * returns. Set in this order: {@link #shape}, {@link #rows} and {@link #queries}, then {@link
 * #bias} and {@link #results}; what is set stays until it is set again.
 */
public final class AttentionTile {
  private final StoredRows keys = new StoredRows();
  private final StoredRows values = new StoredRows();
  private final FloatRows queries = new FloatRows();
  private final FloatRows out = new FloatRows();
  private @Nullable BlockGeometry shape;
  private float scale = 1;
  private float softCap;
  private float[] lse = {};
  private int lseOffset;
  private float[] bias = SoftmaxKernel.NO_BIAS;
  private int biasOffset;

  /**
   * Sets what the blocks look like and how dot products become logits.
   *
   * @param geometry where keys and values lie in a block
   * @param scale factor on the dot products
   * @param softCap {@code c} of {@code c * tanh(logit / c)}; 0 for none
   */
  public AttentionTile shape(BlockGeometry geometry, float scale, float softCap) {
    this.shape = geometry;
    this.scale = Checks.finite(scale, "scale");
    this.softCap = Checks.finite(softCap, "softCap");
    keys.layout(geometry.dtype(), geometry.keyDim(), geometry.keyRowBytes());
    values.layout(geometry.dtype(), geometry.valueDim(), geometry.valueRowBytes());
    return this;
  }

  /**
   * Sets the rows: {@code count} tokens of {@code kvHead} from token {@code first} of the block.
   *
   * @throws IndexOutOfBoundsException if the block has not that head or those tokens
   */
  public AttentionTile rows(MemorySegment block, int kvHead, int first, int count) {
    BlockGeometry geometry = geometry();
    Objects.checkIndex(kvHead, geometry.kvHeads());
    Objects.checkFromIndexSize(first, count, geometry.tokens());
    keys.at(block, geometry.keyOffset(kvHead, first), count);
    values.at(block, geometry.valueOffset(kvHead, first), count);
    return this;
  }

  /**
   * Sets what is added to the logit of each row, after the cap, from {@code offset} of {@code
   * perRow} on; {@link SoftmaxKernel#NO_BIAS} for nothing. {@link #rows} comes before.
   *
   * @throws IndexOutOfBoundsException if there is a bias for some of the rows only
   */
  public AttentionTile bias(float[] perRow, int offset) {
    if (perRow.length > 0) {
      Objects.checkFromIndexSize(offset, keys.rows(), perRow.length);
    }
    this.bias = perRow;
    this.biasOffset = offset;
    return this;
  }

  /** Sets {@code count} queries of {@code keyDim} floats each, one after the other. */
  public AttentionTile queries(float[] from, int offset, int count) {
    int dim = keys.columns();
    queries.at(from, offset, dim, count).require(count, dim, "queries");
    return this;
  }

  /**
   * Sets the place of the results: for each query {@code valueDim} floats from {@code outOffset} of
   * {@code to}, and one float from {@code lseOffset} of {@code lse}.
   */
  public AttentionTile results(float[] to, int outOffset, float[] lse, int lseOffset) {
    int count = queries.rows();
    int dim = values.columns();
    out.at(to, outOffset, dim, count).require(count, dim, "out");
    Objects.checkFromIndexSize(lseOffset, count, lse.length);
    this.lse = lse;
    this.lseOffset = lseOffset;
    return this;
  }

  /** The blocks that this tile reads. */
  public BlockGeometry geometry() {
    if (shape == null) {
      throw new IllegalStateException("the tile has no shape: call shape() first");
    }
    return shape;
  }

  /** Factor on the dot products. */
  public float scale() {
    return scale;
  }

  /** {@code c} of {@code c * tanh(logit / c)}; 0 for none. */
  public float softCap() {
    return softCap;
  }

  StoredRows keys() {
    return keys;
  }

  StoredRows values() {
    return values;
  }

  FloatRows queries() {
    return queries;
  }

  FloatRows out() {
    return out;
  }

  float[] bias() {
    return bias;
  }

  int biasOffset() {
    return biasOffset;
  }

  void setLse(int query, float value) {
    lse[lseOffset + query] = value;
  }
}
