package dev.varve.sdk.attention;

import dev.varve.store.ChunkKey;
import java.util.List;

/** What became of a {@link SelectionRequest}. */
public sealed interface SelectionAnswer {

  /**
   * Tokens were chosen.
   *
   * @param sets one for all KV heads, or one for each
   * @param bytesScored bytes of keys or of their summary that were read to choose
   */
  record Chosen(List<ChosenTokens> sets, long bytesScored) implements SelectionAnswer {
    public Chosen {
      sets = List.copyOf(sets);
    }
  }

  /**
   * There is no result: these chunks are not stored for this model, or no copy of their block is
   * whole.
   */
  record Missing(List<ChunkKey> chunks) implements SelectionAnswer {
    public Missing {
      chunks = List.copyOf(chunks);
    }
  }

  /**
   * There is no result: the index does not fit.
   *
   * @param bytes that it would take at least
   * @param limit bytes of all indices together
   */
  record NoRoom(long bytes, long limit) implements SelectionAnswer {}
}
