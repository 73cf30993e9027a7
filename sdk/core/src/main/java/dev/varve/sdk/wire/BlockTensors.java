package dev.varve.sdk.wire;

import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.store.BlockGeometry;
import java.lang.foreign.MemorySegment;

/** Shows a raw block as the tensors of an engine, without copying. */
public final class BlockTensors {

  private BlockTensors() {}

  /**
   * The rows of a block.
   *
   * @param block memory of a whole raw block, borrowed by the result
   */
  public static LayerTensors of(BlockGeometry geometry, MemorySegment block) {
    return new LayerTensors(
        tensor(geometry, block, 0, geometry.keyDim(), geometry.keyRowBytes()),
        tensor(
            geometry,
            block,
            geometry.valuesOffset(),
            geometry.valueDim(),
            geometry.valueRowBytes()));
  }

  private static EngineTensor tensor(
      BlockGeometry geometry, MemorySegment block, long offset, int dim, long row) {
    return new EngineTensor(
        block,
        offset,
        geometry.dtype(),
        geometry.tokens(),
        geometry.kvHeads(),
        dim,
        row,
        row * geometry.tokens());
  }
}
