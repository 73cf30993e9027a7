package dev.varve.sdk.attention;

import dev.varve.store.ChunkKey;
import java.util.List;

/** What became of a {@link PartialRequest}. */
public sealed interface PartialAnswer {

  /**
   * The result is there.
   *
   * @param tokens of the chunks, whether they were chosen or not
   * @param hot chunks whose block was hot
   * @param far chunks whose block lies below HOT; {@link dev.varve.sdk.AttendingStats} tells by
   *     which way they were attended
   */
  record Computed(int tokens, int hot, int far) implements PartialAnswer {}

  /**
   * There is no result: these chunks are not stored for this model, or no copy of their block is
   * whole.
   */
  record Missing(List<ChunkKey> chunks) implements PartialAnswer {
    public Missing {
      chunks = List.copyOf(chunks);
    }
  }
}
