package dev.varve.sdk.internal.device;

import dev.varve.store.LayerShape;
import dev.varve.store.cuda.CudaAttention;
import dev.varve.store.cuda.DeviceInfo;

/**
 * Bytes that the largest launch of a device's attention needs.
 *
 * @param queries that go up
 * @param results outputs and log-sum-exps that come down
 * @param scratch for partials of splits, on the device alone
 */
record AttentionSpace(long queries, long results, long scratch) {
  static final AttentionSpace NONE = new AttentionSpace(0, 0, 0);

  /** For up to {@code tokens} queries of every head of a layer. */
  static AttentionSpace of(
      CudaAttention attention, LayerShape shape, DeviceInfo device, int tokens) {
    long heads = (long) tokens * shape.queryHeads() * Float.BYTES;
    long scratch = 0;
    for (int each = 1; each <= tokens; each++) {
      int splits = attention.splits(each, Integer.MAX_VALUE, device);
      scratch = Math.max(scratch, Float.BYTES * attention.scratchFloats(each, splits));
    }
    return new AttentionSpace(heads * shape.keyDim(), heads * (shape.valueDim() + 1), scratch);
  }

  /** For the larger of both. */
  AttentionSpace or(AttentionSpace other) {
    return new AttentionSpace(
        Math.max(queries, other.queries),
        Math.max(results, other.results),
        Math.max(scratch, other.scratch));
  }
}
