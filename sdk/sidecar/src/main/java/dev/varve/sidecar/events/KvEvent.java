package dev.varve.sidecar.events;

import java.util.List;
import java.util.Optional;

/**
 * What happened to blocks that an engine named with hashes of its own. A hash is the low 64 bits of
 * the engine's, read as a number without a sign.
 *
 * <p>Source: vLLM, {@code vllm/distributed/kv_events.py}.
 */
public sealed interface KvEvent {

  /** Where blocks are, as routers know it. */
  String MEDIUM = "STORAGE";

  /**
   * Blocks came, one behind the other.
   *
   * @param hashes of the blocks, in order
   * @param parent hash of the block before the first; empty at the beginning of a context
   * @param tokens ids of all blocks; none where the engine did not tell them
   * @param blockTokens tokens of a block
   */
  record BlockStored(
      List<Long> hashes, Optional<Long> parent, List<Integer> tokens, int blockTokens)
      implements KvEvent {

    public BlockStored {
      hashes = List.copyOf(hashes);
      tokens = List.copyOf(tokens);
      if (!tokens.isEmpty() && tokens.size() != (long) hashes.size() * blockTokens) {
        throw new IllegalArgumentException(
            "%d blocks of %d tokens have not %d token ids"
                .formatted(hashes.size(), blockTokens, tokens.size()));
      }
    }
  }

  /** Blocks went. */
  record BlockRemoved(List<Long> hashes) implements KvEvent {

    public BlockRemoved {
      hashes = List.copyOf(hashes);
    }
  }

  /** All blocks went. */
  record AllBlocksCleared() implements KvEvent {}
}
