package dev.varve.sdk.internal;

import dev.varve.offload.Place;
import dev.varve.offload.ReadAhead;
import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;

/**
 * Names the far blocks that a step is going to attend, while it attends others: those of the layer
 * it is in and of the next one. For one thread at a time.
 */
final class LayersAhead {

  private final ModelGeometry geometry;
  private final ReadAhead readAhead;
  private int named;

  LayersAhead(ModelGeometry geometry, ReadAhead readAhead) {
    this.geometry = geometry;
    this.readAhead = readAhead;
  }

  /**
   * The step attends {@code layer} now.
   *
   * @param sealed chunks of the session
   * @param position of the step's first token
   * @param from first chunk that is wanted
   */
  void attending(int layer, List<Chunk> sealed, int position, int from) {
    int last = Math.min(layer + 1, geometry.shape().layerCount() - 1);
    while (readAhead.enabled() && named <= last) {
      name(Math.max(named, layer), sealed, position, from);
      named = Math.max(named, layer) + 1;
    }
  }

  private void name(int layer, List<Chunk> sealed, int position, int from) {
    LayerShape shape = geometry.shape().layers().get(layer);
    int owner = geometry.shape().ownerOf(layer);
    List<Place> far = new ArrayList<>();
    int first = Math.max(from, shape.firstVisible(position) / geometry.blockTokens());
    for (int i = first; i < sealed.size(); i++) {
      if (!sealed.get(i).in(Tier.HOT, owner)) {
        far.add(new Place(sealed.get(i), owner));
      }
    }
    if (!far.isEmpty()) {
      readAhead.expect(far);
    }
  }

  /** The step has ended. */
  void stepOver() {
    named = 0;
    readAhead.clear();
  }
}
