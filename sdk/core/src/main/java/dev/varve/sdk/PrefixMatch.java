package dev.varve.sdk;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.sdk.internal.PrefixLoader;
import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import java.util.List;

/**
 * The stored prefix of a prompt, held until closed, for engines that attend themselves and copy
 * keys and values into their own memory. For one thread at a time.
 */
public final class PrefixMatch implements AutoCloseable {

  private final PrefixLoader loader;
  private final TransferDecision decision;

  PrefixMatch(PrefixLoader loader, TransferDecision decision) {
    this.loader = loader;
    this.decision = decision;
  }

  /** Why so much of what is stored was taken over, with the numbers. */
  public TransferDecision decision() {
    return decision;
  }

  /**
   * Names of the chunks that were found, in token order, for {@link
   * dev.varve.sdk.attention.AttentionService}.
   */
  public List<ChunkKey> chunks() {
    return loader.keys();
  }

  /** Tokens found: whole blocks from the front of the prompt. */
  public int tokens() {
    return loader.tokens();
  }

  /**
   * Copies tokens {@code [from, to)} of one layer to the front of the engine's tensors.
   *
   * @param target written: {@code [at least to - from][kvHeads][keyDim]} and {@code
   *     [...][valueDim]}
   * @return success per block; see {@link LoadResult}
   */
  @CheckReturnValue
  public LoadResult load(int layer, int from, int to, LayerTensors target) {
    Checks.inRange(from, 0, tokens(), "from");
    Checks.inRange(to, from, tokens(), "to");
    return loader.load(layer, from, to, target);
  }

  /** Ends the hold on the blocks. Idempotent. */
  @Override
  public void close() {
    loader.close();
  }
}
