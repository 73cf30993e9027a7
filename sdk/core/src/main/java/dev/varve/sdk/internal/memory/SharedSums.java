package dev.varve.sdk.internal.memory;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;

/**
 * Attention received by every token of a session that has forgotten nothing yet, by position. For
 * one thread at a time.
 */
public final class SharedSums {

  private final ModelShape shape;
  private final HeadSums[][] heads;
  private int followed;

  /** Of an empty session. */
  public SharedSums(ModelShape shape) {
    this.shape = shape;
    this.heads = new HeadSums[shape.layerCount()][];
    for (int layer = 0; layer < heads.length; layer++) {
      LayerShape of = shape.layers().get(layer);
      heads[layer] = new HeadSums[shape.owns(layer) ? of.kvHeads() : 0];
      for (int head = 0; head < heads[layer].length; head++) {
        heads[layer][head] = new HeadSums(of.group());
      }
    }
  }

  /** The sums of one layer. */
  public HeadSums[] layer(int layer) {
    return heads[layer];
  }

  /** Whether the attention of each of {@code tokens} tokens is in them. */
  public boolean complete(int tokens) {
    return followed >= tokens;
  }

  /** Makes a step count that brought {@code count} tokens behind {@code committed}. */
  public void commit(int committed, int count) {
    boolean all = followed == committed;
    for (HeadSums[] layer : heads) {
      for (HeadSums head : layer) {
        all &= head.commit(committed, committed + count);
      }
    }
    followed = all ? committed + count : Math.min(followed, committed);
  }

  /** Forgets what an unfinished step brought. */
  public void abort() {
    for (HeadSums[] layer : heads) {
      for (HeadSums head : layer) {
        head.abort();
      }
    }
  }

  /** Forgets the tokens from {@code length} on; what their queries gave to others stays. */
  public void truncate(int length) {
    followed = Math.min(followed, length);
  }

  /** The same for another session. */
  public SharedSums copy() {
    SharedSums copy = new SharedSums(shape);
    for (int layer = 0; layer < heads.length; layer++) {
      for (int head = 0; head < heads[layer].length; head++) {
        copy.heads[layer][head] = heads[layer][head].copy();
      }
    }
    copy.followed = followed;
    return copy;
  }
}
