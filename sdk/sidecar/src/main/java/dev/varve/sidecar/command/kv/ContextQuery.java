package dev.varve.sidecar.command.kv;

import dev.varve.sdk.attention.TokenMethod;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelShape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a request that brings queries to a stored context says: {@code model context QUERIES count
 * dtype bytes [CHUNKS first count] [LAYERS first count] [SCALE number] [SELECT policy] [LEAST
 * logit]}, in any order behind the context.
 */
final class ContextQuery {

  private final KvRequest request;
  private final int[] ids;
  private final int whole;
  private KvRequest.Range chunks;
  private KvRequest.Range layers;
  private Optional<QueryBatch.Given> given = Optional.empty();
  private OptionalDouble scale = OptionalDouble.empty();
  private Optional<TokenMethod> method = Optional.empty();
  private OptionalDouble least = OptionalDouble.empty();

  /** Reads the context. */
  ContextQuery(KvRequest request) {
    this.request = request;
    this.ids = request.context();
    this.whole = ids.length / request.model().chunkTokens();
    this.chunks = new KvRequest.Range(0, whole);
    this.layers = new KvRequest.Range(0, shape().layerCount());
  }

  /** Reads the option that begins with {@code word}; refuses what is none. */
  void option(String word) {
    switch (word) {
      case "queries" -> given = Optional.of(QueryBatch.Given.of(request));
      case "chunks" -> chunks = request.range("chunks", whole);
      case "layers" -> layers = request.range("layers", shape().layerCount());
      case "scale" -> scale = OptionalDouble.of(request.positive("the scale"));
      case "select" -> method = Optional.of(TokenChoice.method(request));
      case "least" -> least = OptionalDouble.of(request.decimal());
      default -> throw CommandException.syntax();
    }
  }

  ServedModel model() {
    return request.model();
  }

  ModelShape shape() {
    return request.model().geometry().shape();
  }

  /** The queries; refuses a request without them, or for no layer. */
  private QueryBatch queries() {
    if (layers.count() == 0) {
      throw CommandException.of("name at least one layer");
    }
    QueryBatch batch =
        given
            .orElseThrow(
                () -> CommandException.of("say what to look for: QUERIES count f32|f16|bf16 bytes"))
            .of(shape(), layers);
    return scale.isPresent() ? batch.scaled(shape(), scale.getAsDouble()) : batch;
  }

  /** Which tokens are wanted; empty for all. */
  Optional<TokenChoice> choice() {
    if (method.isEmpty() && least.isPresent()) {
      throw CommandException.of("LEAST cuts what SELECT chooses: say how, as in SELECT oracle");
    }
    return method.map(by -> new TokenChoice(by, least));
  }

  /** Makes the reply from the queries and what is stored, which is held meanwhile. */
  interface Answering {
    Reply reply(QueryBatch batch, HeldContext held, ResultMemory results);
  }

  /**
   * Runs the request.
   *
   * @param memory what queries and results are taken from; refuses the request if there is none
   */
  Reply answer(MemoryBudget memory, Answering answering) {
    QueryBatch batch = queries();
    HeldContext held = GetCommand.hold(request, ids, () -> {});
    try (Reservation reserved =
        Reservation.of(memory, (long) Float.BYTES * batch.floats().length)) {
      return answering.reply(batch, held, new ResultMemory(memory, reserved));
    } finally {
      held.release();
    }
  }

  /** Position of the first token that is asked. */
  int firstToken() {
    return chunks.first() * model().chunkTokens();
  }

  /** The chunks that are asked and stored: from the first one on, without a hole. */
  List<ChunkKey> stored(HeldContext held) {
    List<ChunkKey> all = held.chunks();
    int end = Math.min(chunks.end(), all.size());
    return chunks.first() < end ? all.subList(chunks.first(), end) : List.of();
  }
}
