package dev.varve.sidecar.command.kv;

import dev.varve.sdk.attention.AttentionService;
import dev.varve.sdk.attention.PartialAnswer;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.value.ComputedValue;
import dev.varve.store.ChunkKey;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One request for attention: computes all layers over the same chunks. Where a block is lost the
 * result is over the chunks before it, for every layer, and the reply says so. For one thread.
 */
final class AttendRun {

  private final ContextQuery query;
  private final QueryBatch batch;
  private final HeldContext held;
  private final MemoryBudget memory;
  private final Reservation reserved;

  /**
   * @param held of the query, which stays the caller's
   * @param reserved holds what the results take
   */
  AttendRun(
      ContextQuery query,
      QueryBatch batch,
      HeldContext held,
      MemoryBudget memory,
      Reservation reserved) {
    this.query = query;
    this.batch = batch;
    this.held = held;
    this.memory = memory;
    this.reserved = reserved;
  }

  /** One layer's result. */
  private record Attended(int layer, PartialAttention partial) {}

  Reply reply() {
    List<ChunkKey> chunks = query.stored(held);
    List<Attended> results = new ArrayList<>();
    int whole = chunks.size();
    do {
      chunks = chunks.subList(0, whole);
      results.clear();
      whole = attend(chunks, results);
    } while (whole < chunks.size());
    results.forEach(result -> check(result.partial()));
    return new Reply.Pairs(
        List.of(
            Map.entry("first", Reply.whole(query.firstToken())),
            Map.entry("tokens", Reply.whole((long) whole * held.model().chunkTokens())),
            Map.entry("layers", new Reply.Many(layers(results)))));
  }

  private List<Reply> layers(List<Attended> results) {
    List<ComputedValue> made = new ArrayList<>();
    boolean all = false;
    try {
      List<Reply> layers = new ArrayList<>();
      for (Attended result : results) {
        Reply outputs = numbers(result.partial().outputs(), made);
        Reply sums = numbers(result.partial().logSumExps(), made);
        layers.add(Reply.many(Reply.whole(result.layer()), outputs, sums));
      }
      all = true;
      return layers;
    } finally {
      if (!all) {
        made.forEach(ComputedValue::close);
      }
    }
  }

  /** Attends all layers; returns how many of the chunks are whole, all of them if it succeeded. */
  private int attend(List<ChunkKey> chunks, List<Attended> results) {
    return held.model()
        .attention()
        .with(service -> {
          for (int layer = batch.layers().first(); layer < batch.layers().end(); layer++) {
            PartialAttention partial = service.newPartial(layer, batch.tokens());
            int whole = attend(service, layer, chunks, partial);
            if (whole < chunks.size()) {
              return whole;
            }
            results.add(new Attended(layer, partial));
          }
          return chunks.size();
        });
  }

  private int attend(
      AttentionService service, int layer, List<ChunkKey> chunks, PartialAttention into) {
    PartialRequest request = PartialRequest.whole(layer, batch.tokens(), chunks);
    return switch (service.partial(request, batch.of(query.shape(), layer), into)) {
      case PartialAnswer.Computed _ -> chunks.size();
      case PartialAnswer.Missing(List<ChunkKey> missing) ->
          missing.stream().mapToInt(chunks::indexOf).min().orElse(0);
    };
  }

  private static void check(PartialAttention result) {
    for (float sum : result.logSumExps()) {
      if (Float.isNaN(sum) || sum == Float.POSITIVE_INFINITY) {
        throw notFinite();
      }
    }
    for (float output : result.outputs()) {
      if (!Float.isFinite(output)) {
        throw notFinite();
      }
    }
  }

  private static CommandException notFinite() {
    return CommandException.of(
        "the result is not finite: the queries are too large, or a stored key or value is not"
            + " finite");
  }

  private Reply numbers(float[] numbers, List<ComputedValue> made) {
    ComputedValue value = ComputedValue.of(numbers, memory, PooledByteBufAllocator.DEFAULT);
    reserved.handOn(ComputedValue.bytes(numbers.length));
    made.add(value);
    return new Reply.Stored(value);
  }
}
