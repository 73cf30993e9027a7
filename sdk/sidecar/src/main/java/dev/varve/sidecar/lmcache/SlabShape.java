package dev.varve.sidecar.lmcache;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.OptionalInt;

/**
 * The tensor that LMCache stores of a chunk: {@code [2][layers][tokens][heads * dim]}, keys before
 * values, without a header. A slab is one layer's keys or one layer's values.
 *
 * @param layers of the model
 * @param tokens of the chunk, a multiple of 32
 * @param heads KV heads that this worker has
 * @param dim elements of a head
 * @param dtype element type
 */
public record SlabShape(int layers, int tokens, int heads, int dim, Dtype dtype) {

  /** Fewest and most tokens that slabs can be encoded with. */
  private static final int LEAST_TOKENS = 32;

  private static final int MOST_TOKENS = 4096;

  /** Whether slabs of this shape can be encoded. */
  boolean fits() {
    return layers >= 1
        && layers <= ModelShape.MAX_LAYERS / 2
        && tokens >= LEAST_TOKENS
        && tokens <= MOST_TOKENS
        && tokens % LEAST_TOKENS == 0
        && heads >= 1
        && heads <= 4096
        && dim >= 1
        && dim <= LayerShape.MAX_DIM
        && slabBytes() <= 1L << 28;
  }

  /** Slabs of a chunk. */
  int slabs() {
    return 2 * layers;
  }

  /** Bytes of a slab as LMCache has it. */
  long slabBytes() {
    return (long) tokens * heads * dim * dtype.bytes();
  }

  /** Bytes of the whole value. */
  long bytes() {
    return slabs() * slabBytes();
  }

  /** A model of one layer whose blocks hold one slab: there are rows and no values beside them. */
  ModelGeometry geometry() {
    LayerShape layer =
        new LayerShape(
            heads, heads, dim, dim, 1, 0f, RopeSpec.none(), 0, true, OptionalInt.empty());
    return ModelGeometry.of(ModelShape.uniform(1, layer, dtype), tokens);
  }

  /** How slab {@code index} is written: values come behind the keys, in a format of their own. */
  Encoding encoding(int index, Encoding chosen) {
    int format = index < layers ? chosen.keyFormat() : chosen.valueFormat();
    return Encoding.of(format, format);
  }

  /** The geometry of a block that holds one slab. */
  BlockGeometry block() {
    return geometry().block(0);
  }
}
