package dev.varve.cli.bench;

/** Blocks in the keys and values of one layer, {@code [heads][tokens][dim]} floats. */
final class KvBlocks {
  private final int heads;
  private final int tokens;
  private final int dim;
  private final int blockTokens;
  private final float[] keyBlock;
  private final float[] valueBlock;

  KvBlocks(int heads, int tokens, int dim, int blockTokens) {
    this.heads = heads;
    this.tokens = tokens;
    this.dim = dim;
    this.blockTokens = blockTokens;
    this.keyBlock = new float[heads * blockTokens * dim];
    this.valueBlock = new float[heads * blockTokens * dim];
  }

  /** Replaces block {@code block} by what {@code coding} makes of it. */
  void pass(KvCoding coding, int layer, int block, float[] keys, float[] values) {
    copy(keys, keyBlock, block, true);
    copy(values, valueBlock, block, true);
    coding.pass(layer, keyBlock, valueBlock);
    copy(keys, keyBlock, block, false);
    copy(values, valueBlock, block, false);
  }

  private void copy(float[] all, float[] one, int block, boolean out) {
    int length = blockTokens * dim;
    for (int head = 0; head < heads; head++) {
      int at = (head * tokens + block * blockTokens) * dim;
      if (out) {
        System.arraycopy(all, at, one, head * length, length);
      } else {
        System.arraycopy(one, head * length, all, at, length);
      }
    }
  }
}
