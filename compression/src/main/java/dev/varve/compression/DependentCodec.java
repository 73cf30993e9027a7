package dev.varve.compression;

import dev.varve.compression.predicted.BlockInputs;
import java.lang.foreign.MemorySegment;

/**
 * Blocks of a layer that are predicted from decoded blocks of an earlier one. Opened by {@link
 * Codecs#openAfter}; for one thread at a time.
 */
public final class DependentCodec {
  private final FramedCodec codec;
  private final BlockInputs inputs;

  DependentCodec(FramedCodec codec, BlockInputs inputs) {
    this.codec = codec;
    this.inputs = inputs;
  }

  /**
   * The codec of blocks that follow {@code block}.
   *
   * @param block the decoded block of the earlier layer with the same tokens, bit by bit as a
   *     reader will have it; borrowed
   * @return the same codec each time: good until the next call
   */
  public BlockCodec after(MemorySegment block) {
    inputs.follow(block);
    return codec;
  }
}
