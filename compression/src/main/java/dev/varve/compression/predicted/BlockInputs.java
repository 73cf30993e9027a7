package dev.varve.compression.predicted;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.KeyTurn;
import dev.varve.store.BlockGeometry;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;

/**
 * What a block is predicted from: keys from the decoded keys of an earlier layer; values from this
 * block's decoded keys and the decoded values of the earlier layer. All keys are turned back to
 * position 0. Borrows the blocks it is given until it is given others. For one thread at a time.
 */
public final class BlockInputs {
  private final BlockGeometry earlier;
  private final BlockGeometry own;
  private final DtypeKernel earlierKernel;
  private final DtypeKernel ownKernel;
  private final KeyTurn earlierTurn;
  private final KeyTurn ownTurn;
  private MemorySegment earlierBlock = MemorySegment.NULL;
  private MemorySegment ownKeys = MemorySegment.NULL;

  /**
   * For blocks of {@code own}.
   *
   * @throws IllegalArgumentException if blocks of the layers hold different numbers of tokens
   */
  public BlockInputs(EarlierLayer layer, BlockGeometry own, RopeSpec rope, Backend backend) {
    if (layer.geometry().tokens() != own.tokens()) {
      throw new IllegalArgumentException(
          "blocks of %d tokens cannot be predicted from blocks of %d"
              .formatted(own.tokens(), layer.geometry().tokens()));
    }
    this.earlier = layer.geometry();
    this.own = own;
    this.earlierKernel = DtypeKernel.of(backend, earlier.dtype());
    this.ownKernel = DtypeKernel.of(backend, own.dtype());
    this.earlierTurn = new KeyTurn(SectionShape.of(Section.KEYS, earlier, layer.rope()));
    this.ownTurn = new KeyTurn(SectionShape.of(Section.KEYS, own, rope));
  }

  /**
   * Predicts from {@code block}.
   *
   * @param block the decoded block of the earlier layer
   */
  public void follow(MemorySegment block) {
    if (block.byteSize() < earlier.bytes()) {
      throw new IllegalArgumentException(
          "the earlier block has %d bytes, its geometry %d"
              .formatted(block.byteSize(), earlier.bytes()));
    }
    earlierBlock = block;
  }

  /** Predicts values from {@code keys}: the decoded key section of this block. */
  public void take(MemorySegment keys) {
    ownKeys = keys;
  }

  /** How many numbers a token of {@code section} is predicted from. */
  int width(Section section) {
    int earlierHeads = earlier.kvHeads();
    return section == Section.KEYS
        ? earlierHeads * earlier.keyDim()
        : own.kvHeads() * own.keyDim() + earlierHeads * earlier.valueDim();
  }

  /**
   * Reads them.
   *
   * @param position of the first token of the block
   * @param token counted from there
   * @param target receives them from {@code at} on
   */
  void load(Section section, int position, int token, float[] target, int at) {
    if (section == Section.KEYS) {
      keys(earlier, earlierBlock, earlierKernel, earlierTurn, position, token, target, at);
      return;
    }
    keys(own, ownKeys, ownKernel, ownTurn, position, token, target, at);
    int to = at + own.kvHeads() * own.keyDim();
    for (int head = 0; head < earlier.kvHeads(); head++) {
      long offset = earlier.valueOffset(head, token);
      earlierKernel.load(earlierBlock, offset, target, to, earlier.valueDim());
      to += earlier.valueDim();
    }
  }

  private static void keys(
      BlockGeometry geometry,
      MemorySegment block,
      DtypeKernel kernel,
      KeyTurn turn,
      int position,
      int token,
      float[] target,
      int at) {
    turn.prepare(position);
    for (int head = 0; head < geometry.kvHeads(); head++) {
      int to = at + head * geometry.keyDim();
      kernel.load(block, geometry.keyOffset(head, token), target, to, geometry.keyDim());
      turn.back(target, to, token);
    }
  }
}
