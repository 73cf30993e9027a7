package dev.varve.cli.file;

import dev.varve.cli.file.StridedCopy.Axis;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Tokens {@code [first, first + tokens)} of one section, in memory that the caller owns.
 *
 * @param first first token
 * @param tokens tokens
 * @param heads KV heads
 * @param dim elements of a row
 * @param elementBytes bytes of an element
 * @param memory the rows: token {@code first + t} of head {@code h} at {@code offset + h *
 *     headStride + t * dim * elementBytes}
 */
public record Rows(
    int first,
    int tokens,
    int heads,
    int dim,
    int elementBytes,
    MemorySegment memory,
    long offset,
    long headStride) {

  /** Bytes of one row. */
  long rowBytes() {
    return (long) dim * elementBytes;
  }

  /** Fills the memory from a file. */
  void gather(MemorySegment file, SectionPlace place) {
    Axis[] axes = {
      new Axis(heads, place.headStride(), headStride),
      new Axis(tokens, place.tokenStride(), rowBytes()),
      new Axis(dim, place.elementStride(), elementBytes)
    };
    long at = place.offset() + first * place.tokenStride();
    StridedCopy.copy(file, at, memory, offset, elementBytes, axes[0], axes[1], axes[2]);
  }

  /** Hands the rows, in the order of the file, to a writer. */
  void scatter(SectionPlace place, MemorySegment staging, RunWriter writer)
      throws java.io.IOException {
    Axis[] axes = {
      new Axis(heads, headStride, place.headStride()),
      new Axis(tokens, rowBytes(), place.tokenStride()),
      new Axis(dim, elementBytes, place.elementStride())
    };
    Arrays.sort(axes, Comparator.comparingLong((Axis axis) -> -axis.to()));
    long inner = axes[2].count() * elementBytes;
    long middle = axes[1].count() * inner;
    StridedCopy.copy(
        memory,
        offset,
        staging,
        0,
        elementBytes,
        new Axis(axes[0].count(), axes[0].from(), middle),
        new Axis(axes[1].count(), axes[1].from(), inner),
        new Axis(axes[2].count(), axes[2].from(), elementBytes));
    long at = place.offset() + first * place.tokenStride();
    boolean dense = axes[1].to() == inner;
    for (long i = 0; i < axes[0].count(); i++) {
      long from = at + i * axes[0].to();
      if (dense) {
        writer.write(from, staging.asSlice(i * middle, middle));
        continue;
      }
      for (long j = 0; j < axes[1].count(); j++) {
        writer.write(from + j * axes[1].to(), staging.asSlice(i * middle + j * inner, inner));
      }
    }
  }

  /** Takes consecutive bytes of a file. */
  @FunctionalInterface
  interface RunWriter {
    void write(long at, MemorySegment bytes) throws java.io.IOException;
  }
}
