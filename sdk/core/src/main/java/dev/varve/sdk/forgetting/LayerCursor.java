package dev.varve.sdk.forgetting;

import org.jspecify.annotations.Nullable;

/** The layer of a history that was gathered last; another one is gathered when it is asked for. */
final class LayerCursor {

  private final SessionHistory history;
  private int at = -1;
  private @Nullable LayerHistory rows;

  LayerCursor(SessionHistory history) {
    this.history = history;
  }

  SessionHistory history() {
    return history;
  }

  LayerHistory layer(int layer) {
    LayerHistory gathered = rows;
    if (gathered == null || at != layer) {
      gathered = history.layer(layer);
      rows = gathered;
      at = layer;
    }
    return gathered;
  }
}
