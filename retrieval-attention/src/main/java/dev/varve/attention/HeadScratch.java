package dev.varve.attention;

import dev.varve.compression.EncodedHeads;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The decoded rows of one head of one block, as a block of floats with a single head. Native, so
 * that kernels only ever see one kind of memory; small enough for the second-level cache.
 */
final class HeadScratch {
  private final BlockGeometry encoded;
  private final BlockGeometry geometry;
  private final MemorySegment memory;
  private final float[] rows;

  HeadScratch(BlockGeometry encoded) {
    this.encoded = encoded;
    this.geometry =
        new BlockGeometry(
            encoded.tokens(), 1, encoded.keyDim(), encoded.valueDim(), Dtype.F32, false);
    this.memory = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
    this.rows = new float[encoded.tokens() * Math.max(encoded.keyDim(), encoded.valueDim())];
  }

  boolean fits(BlockGeometry other) {
    return encoded.equals(other);
  }

  /** Where the rows lie. */
  BlockGeometry geometry() {
    return geometry;
  }

  /** Decodes the tokens {@code from} to {@code to - 1} of {@code head} to their places. */
  MemorySegment fill(EncodedHeads shown, int head, int from, int to) {
    fill(shown, Section.KEYS, head, from, to, geometry.keyOffset(0, from), encoded.keyDim());
    fill(shown, Section.VALUES, head, from, to, geometry.valueOffset(0, from), encoded.valueDim());
    return memory;
  }

  private void fill(
      EncodedHeads shown, Section section, int head, int from, int to, long offset, int dim) {
    shown.read(section, head, from, to, rows, 0);
    MemorySegment.copy(rows, 0, memory, ValueLayout.JAVA_FLOAT, offset, (to - from) * dim);
  }
}
