package dev.varve.compression;

import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/**
 * Consecutive tokens of one section of an uncompressed block: {@code [heads][tokens][dim]} in the
 * block's element type, where each head's rows follow each other without gaps. Borrowed: valid
 * during the call it is given to.
 */
public final class SectionRows {
  private final SectionShape shape;
  private final MemorySegment section;
  private final int firstToken;
  private final int tokens;
  private final int position;

  /**
   * @param section the whole section of a block, {@code [heads][blockTokens][dim]}
   * @param firstToken the first token in the block
   * @param tokens how many, possibly none
   * @param position place of the first token in its sequence
   */
  SectionRows(SectionShape shape, MemorySegment section, int firstToken, int tokens, int position) {
    this.shape = shape;
    this.section = section;
    this.firstToken = firstToken;
    this.tokens = tokens;
    this.position = position;
  }

  public SectionShape shape() {
    return shape;
  }

  public int tokens() {
    return tokens;
  }

  /** The first of the tokens, counted from the start of the block. */
  public int firstToken() {
    return firstToken;
  }

  /** Place of the first token in its sequence. */
  public int position() {
    return position;
  }

  /** The stored bytes of {@code head}: {@code [tokens][dim]}. */
  public MemorySegment bytes(int head) {
    long rowBytes = (long) shape.dim() * shape.dtype().bytes();
    long from = ((long) head * shape.blockTokens() + firstToken) * rowBytes;
    return section.asSlice(from, tokens * rowBytes);
  }

  /** Reads all rows into the front of {@code target}, {@code [heads][tokens][dim]}. */
  public void load(DtypeKernel kernel, float[] target) {
    int count = tokens * shape.dim();
    for (int head = 0; head < shape.heads(); head++) {
      kernel.load(bytes(head), 0, target, head * count, count);
    }
  }

  /** Writes all rows from the front of {@code source}, {@code [heads][tokens][dim]}. */
  public void store(DtypeKernel kernel, float[] source) {
    int count = tokens * shape.dim();
    for (int head = 0; head < shape.heads(); head++) {
      kernel.store(source, head * count, count, bytes(head), 0);
    }
  }
}
