package dev.varve.sidecar.command.kv;

import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.SelectionAnswer;
import dev.varve.sdk.attention.SelectionRequest;
import dev.varve.sdk.attention.TokenMethod;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.ChunkKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How a request chooses among the tokens of a context: {@code SELECT policy [LEAST logit]}.
 *
 * @param method chooses
 * @param least smallest logit of what is chosen
 */
record TokenChoice(TokenMethod method, OptionalDouble least) {

  /** The policy that the next argument names. */
  static TokenMethod method(KvRequest request) {
    try {
      return TokenMethod.parse(request.text());
    } catch (IllegalArgumentException e) {
      throw CommandException.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What one layer reads of the chunks.
   *
   * @param scores whether logits are wanted
   * @return one set, or one for each KV head; or the number of chunks before the first lost one
   */
  Chosen among(
      ServedModel model, int layer, List<ChunkKey> chunks, QueryBatch batch, boolean scores) {
    SelectionRequest request =
        new SelectionRequest(layer, batch.tokens(), chunks, method, least, scores);
    float[] queries = batch.of(model.geometry().shape(), layer);
    return switch (model.selection().select(request, queries)) {
      case SelectionAnswer.Chosen(List<ChosenTokens> sets, long _) ->
          new Chosen(chunks.size(), Optional.of(sets));
      case SelectionAnswer.Missing(List<ChunkKey> missing) ->
          new Chosen(missing.stream().mapToInt(chunks::indexOf).min().orElse(0), Optional.empty());
      case SelectionAnswer.NoRoom(long bytes, long limit) ->
          throw CommandException.coded(
              "OOM",
              "command not allowed when used memory > 'maxmemory': an index of %d bytes is wanted, index=%d holds all of this model: ask for fewer chunks, or choose a policy that keeps less"
                  .formatted(bytes, limit));
    };
  }

  /**
   * What was chosen.
   *
   * @param whole chunks at the front that are whole: all of them if there are sets
   * @param sets none if a chunk was lost
   */
  record Chosen(int whole, Optional<List<ChosenTokens>> sets) {}
}
