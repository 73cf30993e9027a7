package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;

/**
 * What a context of llama.cpp puts into our cache. Keys and values of one of our element types are
 * what they are; of any other types each pair of bytes is taken for one element that nobody
 * computes with, so that only exact encodings may write it.
 *
 * @param shape layers and element type
 * @param numbers whether the elements are numbers
 */
record CacheShape(ModelShape shape, boolean numbers) {

  /** The shape for a context that is opened with {@code options}. */
  static CacheShape of(ModelDimensions model, ContextOptions options) {
    boolean numbers = options.keys() == options.values() && options.keys().dtype().isPresent();
    if (numbers) {
      Dtype dtype = options.keys().dtype().orElseThrow();
      return new CacheShape(ModelShape.uniform(model.layers(), model.layer(), dtype), true);
    }
    LayerShape own = model.layer();
    LayerShape opaque =
        new LayerShape(
            own.queryHeads(),
            own.kvHeads(),
            pairs(options.keys(), model.keyDim()),
            pairs(options.values(), model.valueDim()),
            own.scale(),
            0,
            RopeSpec.none(),
            0,
            false,
            own.sharedWith());
    return new CacheShape(ModelShape.uniform(model.layers(), opaque, Dtype.F16), false);
  }

  private static int pairs(CacheType type, int dim) {
    return Math.toIntExact(type.type().bytes(dim) / Short.BYTES);
  }
}
