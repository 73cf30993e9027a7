package dev.varve.sdk.internal;

import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.LoadResult;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Copies claimed chunks out to an engine's tensors. For one thread at a time. */
public final class PrefixLoader implements AutoCloseable {

  private final ModelGeometry geometry;
  private final List<Chunk> chunks;
  private final BlockView view;
  private final RowTranslator translator;
  private final Runnable afterClose;
  private boolean open = true;

  /** Names of the chunks. */
  public List<ChunkKey> keys() {
    return chunks.stream().map(Chunk::key).toList();
  }

  /** Takes over the claims of {@code chunks}; they end when this closes. */
  public PrefixLoader(CacheParts parts, List<Chunk> chunks) {
    this.geometry = parts.tiers().geometry();
    this.chunks = List.copyOf(chunks);
    this.translator = new RowTranslator(parts.backend());
    this.afterClose = () -> parts.tenancy().retention().sweep(parts.mover());
    this.view = openView(parts);
  }

  private BlockView openView(CacheParts parts) {
    try {
      return new BlockView(parts, new HotSlots(parts));
    } catch (RuntimeException e) {
      chunks.forEach(Chunk::unclaim);
      throw e;
    }
  }

  /** Tokens held. */
  public int tokens() {
    return chunks.size() * geometry.blockTokens();
  }

  /** Copies tokens {@code [from, to)} of {@code layer} to the front of {@code target}. */
  public LoadResult load(int layer, int from, int to, LayerTensors target) {
    if (!open) {
      throw new IllegalStateException("the match is closed: match again");
    }
    check(layer, to - from, target);
    int span = geometry.blockTokens();
    List<LoadResult.BlockLoad> loads = new ArrayList<>();
    int usable = 0;
    boolean whole = true;
    for (int at = from; at < to; ) {
      int count = Math.min(to - at, span - at % span);
      boolean loaded = loadBlock(layer, at, count, target, at - from);
      loads.add(new LoadResult.BlockLoad(at, count, loaded));
      whole &= loaded;
      usable += whole ? count : 0;
      at += count;
    }
    return whole ? new LoadResult.Complete(to - from) : new LoadResult.Incomplete(usable, loads);
  }

  private boolean loadBlock(int layer, int at, int count, LayerTensors target, int row) {
    int span = geometry.blockTokens();
    int owner = geometry.shape().ownerOf(layer);
    try {
      Optional<MemorySegment> bytes = view.find(chunks.get(at / span), owner);
      if (bytes.isEmpty()) {
        return false;
      }
      RowTranslator.Block block = new RowTranslator.Block(bytes.get(), geometry.block(owner));
      translator.readKeys(block, at % span, count, target.keys(), row);
      translator.readValues(block, at % span, count, target.values(), row);
      return true;
    } finally {
      view.end();
    }
  }

  private void check(int layer, int tokens, LayerTensors target) {
    LayerShape shape = geometry.shape().layers().get(layer);
    int keyRows = target.keys().tokens();
    int valueRows = target.values().tokens();
    if (keyRows < tokens || valueRows < tokens) {
      throw new IllegalArgumentException(
          "the target has room for "
              + Math.min(keyRows, valueRows)
              + " tokens, "
              + tokens
              + " are asked for");
    }
    TensorChecks.shape(target.keys(), "keys", layer, keyRows, shape.kvHeads(), shape.keyDim());
    TensorChecks.shape(
        target.values(), "values", layer, valueRows, shape.kvHeads(), shape.valueDim());
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      view.close();
      chunks.forEach(Chunk::unclaim);
      afterClose.run();
    }
  }
}
