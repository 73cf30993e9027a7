package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;

/**
 * One section of a full block: {@code [heads][blockTokens][dim]}.
 *
 * @param section keys or values
 * @param heads KV heads
 * @param blockTokens tokens of a full block
 * @param dim elements of a row
 * @param dtype element type of the uncompressed section
 * @param rope how the keys are turned; of no meaning for values
 */
public record SectionShape(
    Section section, int heads, int blockTokens, int dim, Dtype dtype, RopeSpec rope) {

  /** The section {@code section} of blocks of {@code geometry}. */
  public static SectionShape of(Section section, BlockGeometry geometry, RopeSpec rope) {
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    return new SectionShape(
        section, geometry.kvHeads(), geometry.tokens(), dim, geometry.dtype(), rope);
  }

  /** Elements of one token in all heads. */
  public int channels() {
    return heads * dim;
  }

  /** Elements of {@code tokens} tokens. */
  public int values(int tokens) {
    return heads * tokens * dim;
  }

  /** Bytes of {@code tokens} uncompressed tokens. */
  public long rawBytes(int tokens) {
    return (long) values(tokens) * dtype.bytes();
  }
}
