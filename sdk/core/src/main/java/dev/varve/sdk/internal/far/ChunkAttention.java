package dev.varve.sdk.internal.far;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.Partial;
import dev.varve.offload.Tiers;
import dev.varve.sdk.attention.AttentionService;
import dev.varve.sdk.attention.PartialAnswer;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.hot.BlockLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Attends queries to chunks of the catalog: those whose block is hot under a lease, the others by
 * way of {@link FarAttention}. Chunks are claimed during a request, so none is forgotten under it.
 * For one thread at a time.
 */
public final class ChunkAttention implements AttentionService {

  private final CacheParts parts;
  private final Runnable checkOpen;
  private final ModelShape model;
  private final FarAttention beyond;
  private final BlockLease lease;
  private final MemorySegment landing;
  private final WholeSink whole;
  private final ChosenSink some;

  /**
   * @param checkOpen throws once the cache is closed
   */
  public ChunkAttention(CacheParts parts, Runnable checkOpen) {
    Tiers tiers = parts.tiers();
    this.parts = parts;
    this.checkOpen = checkOpen;
    this.model = tiers.geometry().shape();
    this.beyond =
        new FarAttention(tiers, parts.fetcher(), parts.farPlanner(), parts.clocks().nanoTime());
    this.lease = tiers.hot().newLease();
    this.landing =
        Arena.ofAuto().allocate(tiers.geometry().largestBlock(), BlockGeometry.ALIGNMENT);
    this.whole = new WholeSink(AttentionKernel.of(parts.backend()));
    this.some = new ChosenSink(AttentionKernel.of(parts.backend()));
  }

  @Override
  public PartialAttention newPartial(int layer, int tokens) {
    LayerShape shape = shape(layer);
    return new PartialAttention(Math.multiplyExact(tokens, shape.queryHeads()), shape.valueDim());
  }

  private LayerShape shape(int layer) {
    if (layer < 0 || layer >= model.layerCount()) {
      throw new IllegalArgumentException(
          "layer must lie between 0 and " + (model.layerCount() - 1) + ": " + layer);
    }
    return model.layers().get(layer);
  }

  @Override
  public PartialAnswer partial(PartialRequest request, float[] queries, PartialAttention into) {
    checkOpen.run();
    check(request, queries, into);
    into.clear();
    try (ClaimedChunks claimed = ClaimedChunks.of(parts, request.chunks())) {
      return claimed.missing().isEmpty()
          ? attend(request, queries, claimed.chunks(), into)
          : new PartialAnswer.Missing(claimed.missing());
    }
  }

  private void check(PartialRequest request, float[] asked, PartialAttention into) {
    LayerShape shape = shape(request.layer());
    long floats = (long) request.tokens() * shape.queryHeads() * shape.keyDim();
    if (asked.length < floats) {
      throw new IllegalArgumentException(
          "%d query tokens of layer %d are %d floats, %d are given"
              .formatted(request.tokens(), request.layer(), floats, asked.length));
    }
    long queries = (long) request.tokens() * shape.queryHeads();
    if (into.queries() != queries || into.dim() != shape.valueDim()) {
      throw new IllegalArgumentException(
          "the request makes a partial of %d x %d, the target has %d x %d"
              .formatted(queries, shape.valueDim(), into.queries(), into.dim()));
    }
    int sets = request.chosen().size();
    if (sets > 1 && sets != shape.kvHeads()) {
      throw new IllegalArgumentException(
          "chosen positions are one set for all KV heads or one for each of %d: %d are given"
              .formatted(shape.kvHeads(), sets));
    }
  }

  private PartialAnswer attend(
      PartialRequest request, float[] queries, List<Chunk> chunks, PartialAttention into) {
    int end = 0;
    for (Chunk chunk : chunks) {
      if (chunk.firstToken() < end) {
        throw new IllegalArgumentException(
            "%s begins before another ends, at %d: a position counts once".formatted(chunk, end));
      }
      end = Math.addExact(chunk.firstToken(), chunk.tokens());
    }
    if (chunks.isEmpty()) {
      return new PartialAnswer.Computed(0, 0, 0);
    }
    int owner = model.ownerOf(request.layer());
    PartialSink sink = request.chosen().isEmpty() ? whole : some;
    BlockGeometry block = parts.tiers().geometry().block(owner);
    // Who asks has cut already.
    sink.start(shape(request.layer()).withoutWindow(), block, request, queries, end - 1);
    int hot = 0;
    int far = 0;
    int tokens = 0;
    for (Chunk chunk : chunks) {
      tokens += chunk.tokens();
      if (sink.wants(chunk.firstToken())) {
        sink.next(chunk.firstToken());
        switch (found(chunk, owner, sink)) {
          case HOT -> hot++;
          case FAR -> far++;
          case LOST -> {
            return new PartialAnswer.Missing(List.of(chunk.key()));
          }
        }
      }
    }
    Partial result = new Partial(into.queries(), into.dim());
    sink.finish(result);
    into.set(result.o(), result.lse());
    return new PartialAnswer.Computed(tokens, hot, far);
  }

  private enum Found {
    HOT,
    FAR,
    LOST
  }

  private Found found(Chunk chunk, int layer, BlockSink sink) {
    // A block that others bring near may leave the tier where it was seen, and HOT again.
    while (true) {
      long handle = chunk.hotHandle(layer);
      if (handle != Chunk.NOT_HOT && lease.take(handle)) {
        try {
          parts.counters().hotRead(parts.tiers().geometry().block(layer).bytes());
          sink.raw(lease.bytes());
          return Found.HOT;
        } finally {
          lease.close();
        }
      }
      if (beyond.attend(chunk, layer, landing, sink)) {
        return Found.FAR;
      }
      if (!chunk.anywhere(layer)) {
        return Found.LOST;
      }
    }
  }
}
