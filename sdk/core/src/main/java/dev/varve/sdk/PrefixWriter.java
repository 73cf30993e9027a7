package dev.varve.sdk;

import dev.varve.sdk.internal.ClaimedChain;
import dev.varve.store.ModelGeometry;
import java.util.Arrays;
import java.util.List;

/**
 * Stores a prompt's keys and values block by block, behind what is stored already. What was written
 * is found by others at once; nothing is half stored. For one thread at a time; must be closed.
 */
public final class PrefixWriter implements AutoCloseable {

  private final KvSession session;
  private final ModelGeometry geometry;
  private final int[] tokenIds;
  private final int end;

  private PrefixWriter(KvSession session, ModelGeometry geometry, int[] tokenIds, int end) {
    this.session = session;
    this.geometry = geometry;
    this.tokenIds = tokenIds;
    this.end = end;
  }

  /** Takes over the session and the claims. */
  static PrefixWriter open(
      KvSession session, ModelGeometry geometry, int[] tokenIds, ClaimedChain held) {
    int span = geometry.blockTokens();
    session.state().adopt(held, Arrays.copyOf(tokenIds, held.chunks().size() * span));
    int end = tokenIds.length / span * span;
    return new PrefixWriter(session, geometry, tokenIds.clone(), end);
  }

  /** Tokens from position 0 that are stored now; the next block begins here. */
  public int tokens() {
    return session.length();
  }

  /** Tokens of all whole blocks of the prompt. */
  public int end() {
    return end;
  }

  /**
   * Stores the next block.
   *
   * @param layers one entry per layer of the model with a row per token of the block; entries of
   *     layers that share another's cache are not read
   * @throws IllegalStateException if all of the prompt is stored
   * @throws HotTierFullException if there is no room
   */
  public void write(List<LayerTensors> layers) {
    write(layers, 0);
  }

  /** The same of tensors in which the block begins at row {@code row}. */
  void write(List<LayerTensors> layers, int row) {
    if (layers.size() != geometry.shape().layerCount()) {
      throw new IllegalArgumentException(
          "the model has "
              + geometry.shape().layerCount()
              + " layers, tensors of "
              + layers.size()
              + " were given");
    }
    int at = tokens();
    if (at >= end) {
      throw new IllegalStateException("all " + end + " tokens of the prompt are stored");
    }
    int span = geometry.blockTokens();
    try (Step step = session.begin(Arrays.copyOfRange(tokenIds, at, at + span), false)) {
      for (int layer = 0; layer < layers.size(); layer++) {
        if (geometry.shape().owns(layer)) {
          LayerTensors rows = layers.get(layer).rows(row, span);
          step.append(layer, rows.keys(), rows.values());
        }
      }
      step.end();
    }
  }

  /** Writes what is stored to the SSD tier where there is one; returns the tokens stored. */
  public int finish() {
    session.endTurn();
    return tokens();
  }

  /** Ends the hold on the blocks. Idempotent. */
  @Override
  public void close() {
    session.close();
  }
}
