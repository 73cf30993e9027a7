package dev.varve.attention;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** One tile's operands, made from what a test says about keys, values and queries. */
final class TileCase {
  final BlockGeometry geometry;
  final MemorySegment block;
  final float[] queries;
  final int count;
  final int firstRow;
  final int rows;
  final float scale;
  final float softCap;

  /** How a key, value or query element is made. */
  interface Fill {
    float next(SplittableRandom random);
  }

  record Size(Dtype dtype, int rows, int keyDim, int valueDim, int queries) {}

  TileCase(SplittableRandom random, Size size, Fill fill, float scale, float softCap) {
    int firstRow = random.nextInt(3);
    int tokens = (size.rows() + firstRow + 31) / 32 * 32;
    this.geometry =
        new BlockGeometry(
            Math.max(32, tokens), 2, size.keyDim(), size.valueDim(), size.dtype(), false);
    this.block = Arena.ofAuto().allocate(geometry.bytes(), 64);
    block.fill((byte) 0xff);
    this.rows = size.rows();
    this.firstRow = firstRow;
    this.count = size.queries();
    this.scale = scale;
    this.softCap = softCap;
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, size.dtype());
    for (int t = firstRow; t < firstRow + rows; t++) {
      float[] key = fill(random, size.keyDim(), fill);
      kernel.store(key, 0, key.length, block, geometry.keyOffset(1, t));
      float[] value = fill(random, size.valueDim(), fill);
      kernel.store(value, 0, value.length, block, geometry.valueOffset(1, t));
    }
    this.queries = fill(random, count * size.keyDim(), fill);
  }

  private static float[] fill(SplittableRandom random, int count, Fill fill) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = fill.next(random);
    }
    return values;
  }

  /** Outputs of all queries, then their log-sum-exps. */
  float[] run(AttentionKernel kernel) {
    return run(kernel, 0, count);
  }

  float[] run(AttentionKernel kernel, int firstQuery, int n) {
    int dim = geometry.valueDim();
    float[] results = new float[n * dim + n];
    kernel.attend(
        new AttentionTile()
            .shape(geometry, scale, softCap)
            .rows(block, 1, firstRow, rows)
            .queries(queries, firstQuery * geometry.keyDim(), n)
            .results(results, 0, results, n * dim));
    return results;
  }
}
