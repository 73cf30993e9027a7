package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A reply about some layers of a context, all of them over the same chunks: where one of them finds
 * that a block is lost, all are made over what comes before it, and the reply says so.
 */
final class CoveredReply {

  /** What a layer makes of the chunks. */
  interface LayerRun {

    /**
     * Makes the part of one layer.
     *
     * @param parts takes it
     * @return how many of the chunks are whole; nothing is added if not all are
     */
    int run(int layer, List<ChunkKey> chunks, List<Reply> parts);
  }

  private CoveredReply() {}

  /**
   * Runs all layers, again where chunks turn out to be lost.
   *
   * @param results of the layers, dropped where there is no reply
   */
  static Reply of(
      ContextQuery query,
      HeldContext held,
      KvRequest.Range layers,
      ResultMemory results,
      LayerRun run) {
    List<Reply> parts = new ArrayList<>();
    boolean done = false;
    try {
      List<ChunkKey> chunks = query.stored(held);
      int whole = chunks.size();
      do {
        chunks = chunks.subList(0, whole);
        parts.clear();
        results.drop();
        for (int layer = layers.first(); layer < layers.end() && whole == chunks.size(); layer++) {
          whole = run.run(layer, chunks, parts);
        }
      } while (whole < chunks.size());
      done = true;
      return new Reply.Pairs(
          List.of(
              Map.entry("first", Reply.whole(query.firstToken())),
              Map.entry("tokens", Reply.whole((long) whole * held.model().chunkTokens())),
              Map.entry("layers", new Reply.Many(parts))));
    } finally {
      if (!done) {
        results.drop();
      }
    }
  }
}
