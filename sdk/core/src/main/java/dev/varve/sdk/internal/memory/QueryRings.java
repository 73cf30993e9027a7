package dev.varve.sdk.internal.memory;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;

/** The newest queries of every layer that stores blocks. For one thread at a time. */
public final class QueryRings {

  private final QueryRing[] rings;

  private QueryRings(QueryRing[] rings) {
    this.rings = rings;
  }

  /** Rings for {@code size} tokens; 0 for none. */
  public static QueryRings of(ModelShape shape, int size) {
    QueryRing[] rings = new QueryRing[size == 0 ? 0 : shape.layerCount()];
    for (int layer = 0; layer < rings.length; layer++) {
      LayerShape of = shape.layers().get(layer);
      rings[layer] = new QueryRing(shape.owns(layer) ? size : 0, of.queryHeads() * of.keyDim());
    }
    return new QueryRings(rings);
  }

  /** Notes queries {@code [count][queryHeads][keyDim]} from {@code position} on. */
  public void note(int layer, float[] queries, int position, int count) {
    if (rings.length > 0) {
      rings[layer].note(queries, position, count);
    }
  }

  /** How many queries right before {@code end} are at hand. */
  public int newest(int layer, int end) {
    return rings.length == 0 ? 0 : rings[layer].newest(end);
  }

  /** Copies the {@code count} queries right before {@code end}, oldest first. */
  public float[] copy(int layer, int end, int count) {
    return count == 0 ? new float[0] : rings[layer].copy(end, count);
  }

  /** A copy of all rings. */
  public QueryRings fork() {
    QueryRing[] copies = new QueryRing[rings.length];
    for (int layer = 0; layer < rings.length; layer++) {
      copies[layer] = rings[layer].fork();
    }
    return new QueryRings(copies);
  }
}
