package dev.varve.sidecar.command.kv;

import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.List;

/**
 * One request for the tokens that queries should read.
 *
 * @param held of the query, which stays the caller's
 * @param scores whether logits are wanted
 */
record IndexRun(
    ContextQuery query,
    QueryBatch batch,
    TokenChoice choice,
    boolean scores,
    HeldContext held,
    ResultMemory results) {

  Reply reply() {
    return CoveredReply.of(query, held, batch.layers(), results, this::choose);
  }

  private int choose(int layer, List<ChunkKey> chunks, List<Reply> parts) {
    TokenChoice.Chosen chosen = choice.among(query.model(), layer, chunks, batch, scores);
    if (chosen.sets().isPresent()) {
      List<Reply> sets = new ArrayList<>();
      for (ChosenTokens set : chosen.sets().get()) {
        Reply positions = results.numbers(set.positions());
        sets.add(
            scores ? Reply.many(positions, results.numbers(set.scores())) : Reply.many(positions));
      }
      parts.add(Reply.many(Reply.whole(layer), new Reply.Many(sets)));
    }
    return chosen.whole();
  }
}
