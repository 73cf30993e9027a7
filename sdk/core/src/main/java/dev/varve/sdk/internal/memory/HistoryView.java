package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.LayerHistory;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Shows a session's rows to whoever decides what is kept, one layer at a time: the memory of the
 * layer before is freed. For one thread at a time.
 */
public final class HistoryView implements SessionHistory, AutoCloseable {

  private final ModelGeometry geometry;
  private final RowSource source;
  private final QueryRings queries;
  private final int tokens;
  private final Backend backend;
  private @Nullable Arena arena;

  public HistoryView(
      ModelGeometry geometry, RowSource source, QueryRings queries, int tokens, Backend backend) {
    this.geometry = geometry;
    this.source = source;
    this.queries = queries;
    this.tokens = tokens;
    this.backend = backend;
  }

  @Override
  public ModelShape shape() {
    return geometry.shape();
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public int rows(int layer, int kvHead) {
    checkOwner(layer);
    return source.rows(layer, kvHead);
  }

  @Override
  public LayerHistory layer(int layer) {
    checkOwner(layer);
    close();
    Arena opened = Arena.ofConfined();
    arena = opened;
    GatheredLayer gathered = new GatheredLayer(geometry, layer, source, opened);
    source.visit(layer, gathered);
    return gathered;
  }

  @Override
  public int position(int layer, int kvHead, int row) {
    return source.position(layer, kvHead, row);
  }

  @Override
  public boolean merged(int layer, int kvHead, int row) {
    return source.weight(layer, kvHead, row) != 1
        || source.first(layer, kvHead, row) != source.position(layer, kvHead, row);
  }

  @Override
  public int queries(int layer) {
    checkOwner(layer);
    return queries.newest(layer, tokens);
  }

  @Override
  public float[] queryRows(int layer) {
    return queries.copy(layer, tokens, queries(layer));
  }

  @Override
  public Backend backend() {
    return backend;
  }

  private void checkOwner(int layer) {
    if (!shape().owns(layer)) {
      throw new IllegalArgumentException(
          "layer " + layer + " reads the cache of layer " + shape().ownerOf(layer) + ": ask there");
    }
  }

  /** Frees the layer that was gathered last. */
  @Override
  public void close() {
    Arena open = arena;
    if (open != null) {
      arena = null;
      open.close();
    }
  }
}
