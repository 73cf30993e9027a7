package dev.varve.cli.pack;

import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.Rows;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Rows of sources as blocks and as floats. */
final class Spans {
  private Spans() {}

  /** Fills the front of a block with tokens {@code [first, first + tokens)}, the rest with zero. */
  static void block(
      KvSource source,
      int layer,
      int first,
      int tokens,
      BlockGeometry geometry,
      MemorySegment block)
      throws IOException {
    if (tokens < geometry.tokens()) {
      block.fill((byte) 0);
    }
    for (Section section : Section.values()) {
      source.read(layer, section, rows(section, geometry, first, tokens, block));
    }
  }

  /** The first {@code tokens} tokens of a block as the rows from {@code first} on. */
  static Rows rows(
      Section section, BlockGeometry geometry, int first, int tokens, MemorySegment block) {
    boolean keys = section == Section.KEYS;
    return new Rows(
        first,
        tokens,
        geometry.kvHeads(),
        keys ? geometry.keyDim() : geometry.valueDim(),
        geometry.dtype().bytes(),
        block,
        keys ? 0 : geometry.valuesOffset(),
        geometry.tokens() * (keys ? geometry.keyRowBytes() : geometry.valueRowBytes()));
  }

  /**
   * Loads rows as floats into {@code target}, {@code [heads][stride][dim]}, from token {@code at}
   * of each head on.
   */
  static void load(Rows rows, DtypeKernel kernel, float[] target, int stride, int at) {
    for (int head = 0; head < rows.heads(); head++) {
      kernel.load(
          rows.memory(),
          rows.offset() + head * rows.headStride(),
          target,
          (head * stride + at) * rows.dim(),
          rows.tokens() * rows.dim());
    }
  }

  /** Dense rows {@code [heads][tokens][dim]} of a source in {@code memory}. */
  static Rows dense(
      KvDescription of, int layer, Section section, int first, int tokens, MemorySegment memory) {
    int heads = of.shape().layers().get(layer).kvHeads();
    int dim = of.dim(layer, section);
    int bytes = of.shape().dtype().bytes();
    return new Rows(first, tokens, heads, dim, bytes, memory, 0, (long) tokens * dim * bytes);
  }
}
