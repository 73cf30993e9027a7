package dev.varve.sidecar.command.kv;

import dev.varve.sdk.attention.AttentionService;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.PartialAnswer;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One request for attention.
 *
 * @param choice which tokens are seen; empty for all
 * @param held of the query, which stays the caller's
 */
record AttendRun(
    ContextQuery query,
    QueryBatch batch,
    Optional<TokenChoice> choice,
    HeldContext held,
    ResultMemory results) {

  Reply reply() {
    return CoveredReply.of(query, held, batch.layers(), results, this::attend);
  }

  private int attend(int layer, List<ChunkKey> chunks, List<Reply> parts) {
    List<BitSet> seen = new ArrayList<>();
    if (choice.isPresent()) {
      TokenChoice.Chosen chosen = choice.get().among(query.model(), layer, chunks, batch, false);
      if (chosen.sets().isEmpty()) {
        return chosen.whole();
      }
      chosen.sets().get().forEach(set -> seen.add(bits(set)));
    }
    PartialRequest request = new PartialRequest(layer, batch.tokens(), chunks, seen);
    return query.model().attention().with(service -> attend(service, request, parts));
  }

  private static BitSet bits(ChosenTokens set) {
    BitSet bits = new BitSet();
    Arrays.stream(set.positions()).forEach(bits::set);
    return bits;
  }

  private int attend(AttentionService service, PartialRequest request, List<Reply> parts) {
    PartialAttention into = service.newPartial(request.layer(), request.tokens());
    float[] queries = batch.of(query.shape(), request.layer());
    return switch (service.partial(request, queries, into)) {
      case PartialAnswer.Computed _ -> {
        check(into);
        parts.add(part(request, into));
        yield request.chunks().size();
      }
      case PartialAnswer.Missing(List<ChunkKey> missing) ->
          missing.stream().mapToInt(request.chunks()::indexOf).min().orElse(0);
    };
  }

  private Reply part(PartialRequest request, PartialAttention result) {
    List<Reply> part =
        new ArrayList<>(
            List.of(
                Reply.whole(request.layer()),
                results.numbers(result.outputs()),
                results.numbers(result.logSumExps())));
    if (choice.isPresent()) {
      part.add(Reply.whole(rows(request)));
    }
    return new Reply.Many(part);
  }

  /** Rows that were read, over all KV heads. */
  private long rows(PartialRequest request) {
    long rows = request.chosen().stream().mapToLong(BitSet::cardinality).sum();
    int heads = query.shape().layers().get(request.layer()).kvHeads();
    return request.chosen().size() == 1 ? rows * heads : rows;
  }

  private static void check(PartialAttention result) {
    boolean finite = true;
    for (float sum : result.logSumExps()) {
      finite &= !Float.isNaN(sum) && sum != Float.POSITIVE_INFINITY;
    }
    for (float output : result.outputs()) {
      finite &= Float.isFinite(output);
    }
    if (!finite) {
      throw CommandException.of(
          "the result is not finite: the queries are too large, or a stored key or value is not"
              + " finite");
    }
  }
}
