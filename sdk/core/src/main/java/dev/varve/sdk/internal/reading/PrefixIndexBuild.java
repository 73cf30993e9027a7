package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.CentroidIndex;
import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.PrefixLayer;
import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.sdk.internal.memory.QueryRings;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the indices of a prefix policy at the end of a prompt: whole blocks that lie before the
 * last queries are clustered, and these queries set the threshold that all layers share.
 */
final class PrefixIndexBuild {

  private final PrefixPolicy policy;
  private final ModelGeometry geometry;
  private final QueryRings queries;
  private final Backend backend;

  PrefixIndexBuild(
      PrefixPolicy policy, ModelGeometry geometry, QueryRings queries, Backend backend) {
    this.policy = policy;
    this.geometry = geometry;
    this.queries = queries;
    this.backend = backend;
  }

  /**
   * Has {@code layers} serve from indices of the first of {@code tokens} tokens; changes nothing
   * where that is too few, or their queries are not at hand.
   *
   * @param held the session's rows, with a copy of whose keys it works
   */
  void serve(List<LayerIndex> layers, RowSource held, int tokens) {
    int observed = policy.observe();
    for (LayerIndex layer : layers) {
      observed = Math.min(observed, queries.newest(layer.layer(), tokens));
    }
    int clustered = Math.max(0, tokens - policy.observe()) / geometry.blockTokens();
    clustered *= geometry.blockTokens();
    if (layers.isEmpty() || observed == 0 || clustered == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      List<PrefixLayer> prefix = new ArrayList<>();
      for (LayerIndex layer : layers) {
        KeySpan keys = keys(layer.layer(), held, clustered, arena);
        float[] seen = queries.copy(layer.layer(), tokens, observed);
        prefix.add(PrefixLayer.behind(keys, seen, observed));
      }
      List<CentroidIndex> built = policy.build(layers.getFirst().shape(), prefix, backend);
      for (int i = 0; i < layers.size(); i++) {
        layers.get(i).serve(built.get(i));
      }
    }
  }

  private KeySpan keys(int layer, RowSource held, int tokens, Arena arena) {
    BlockGeometry block = geometry.block(layer);
    long row = block.keyRowBytes();
    MemorySegment dense =
        arena.allocate((long) block.kvHeads() * tokens * row, BlockGeometry.ALIGNMENT);
    held.visit(
        layer,
        (head, bytes, stripe, at, first, count) -> {
          int wanted = Math.min(count, tokens - first);
          if (wanted > 0) {
            long to = ((long) head * tokens + first) * row;
            MemorySegment.copy(bytes, block.keyOffset(stripe, at), dense, to, wanted * row);
          }
        });
    return KeySpan.dense(dense, block.dtype(), block.kvHeads(), tokens, block.keyDim());
  }
}
