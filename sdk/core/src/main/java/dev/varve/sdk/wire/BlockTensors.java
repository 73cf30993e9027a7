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

  /**
   * Copies the rows {@code [row, row + tokens of a block)} into a raw block.
   *
   * @param rows of the element type of the block
   * @throws IllegalArgumentException if they have another shape or element type
   */
  public static void copy(BlockGeometry geometry, LayerTensors rows, int row, MemorySegment block) {
    LayerTensors target = of(geometry, block);
    block.fill((byte) 0);
    copy(rows.keys(), row, target.keys());
    if (!geometry.valueIsPrefixOfKey()) {
      copy(rows.values(), row, target.values());
    }
  }

  private static void copy(EngineTensor source, int row, EngineTensor target) {
    if (source.dtype() != target.dtype()
        || source.heads() != target.heads()
        || source.dim() != target.dim()
        || source.tokens() < row + target.tokens()) {
      throw new IllegalArgumentException(
          "a block takes %d rows of %d heads of %d %s, given are %d from row %d of %d heads of %d %s"
              .formatted(
                  target.tokens(),
                  target.heads(),
                  target.dim(),
                  target.dtype(),
                  source.tokens() - row,
                  row,
                  source.heads(),
                  source.dim(),
                  source.dtype()));
    }
    long bytes = (long) target.dim() * target.dtype().bytes();
    for (int head = 0; head < target.heads(); head++) {
      for (int token = 0; token < target.tokens(); token++) {
        MemorySegment.copy(
            source.memory(),
            source.offset(row + token, head),
            target.memory(),
            target.offset(token, head),
            bytes);
      }
    }
  }
}
