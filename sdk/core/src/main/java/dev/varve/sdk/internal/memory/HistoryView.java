package dev.varve.sdk.internal.memory;

import dev.varve.eviction.observe.Signal;
import dev.varve.sdk.forgetting.LayerHistory;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows a session's rows to whoever decides what is kept, one layer at a time: the memory of the
 * layer before is freed. For one thread at a time.
 */
public final class HistoryView implements SessionHistory, AutoCloseable {

  private final ModelGeometry geometry;
  private final RowSource source;
  private final Told told;
  private final int tokens;
  private final Backend backend;
  private @Nullable Arena arena;

  /**
   * What is known beside keys and values.
   *
   * @param queries the newest ones
   * @param signals what the engine told
   * @param drafted how many of the newest tokens are a draft's
   */
  public record Told(QueryRings queries, GivenSignals signals, int drafted) {}

  public HistoryView(
      ModelGeometry geometry, RowSource source, Told told, int tokens, Backend backend) {
    this.geometry = geometry;
    this.source = source;
    this.told = told;
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
    return told.queries().newest(layer, tokens);
  }

  @Override
  public float[] queryRows(int layer) {
    return told.queries().copy(layer, tokens, queries(layer));
  }

  @Override
  public Optional<float[][]> attention(int layer, int kvHead) {
    checkOwner(layer);
    int group = source.sums(layer);
    if (group == 0) {
      return Optional.empty();
    }
    float[][] sums = new float[group][source.rows(layer, kvHead)];
    for (int g = 0; g < group; g++) {
      for (int row = 0; row < sums[g].length; row++) {
        sums[g][row] = source.sum(layer, kvHead, row, g);
      }
    }
    return Optional.of(sums);
  }

  @Override
  public Optional<float[][]> given(Signal signal, int layer) {
    checkOwner(layer);
    return told.signals().of(signal, layer);
  }

  @Override
  public int drafted() {
    return told.drafted();
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
