package dev.varve.sidecar.lmcache;

import dev.varve.compression.Encodings;
import dev.varve.sidecar.model.BlockPool;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Knows the shape of LMCache's values: of models that the server was told of, and of others from
 * the descriptions that LMCache stores beside its values. What is learnt is encoded without loss
 * only. Bounded: the shape that was not used for longest is forgotten. Thread-safe.
 */
public final class SlabShapes {

  private static final int MOST = 256;
  private static final Encoding LOSSLESS = Encodings.parse("lossless");

  /** Workers of one model have the same shape if their number and element type are the same. */
  private record Family(String model, int worldSize, String type) {}

  private final Models models;
  private final Map<Family, SlabShape> learnt = bounded();
  private final Map<SlabShape, BlockPool> pools = bounded();

  public SlabShapes(Models models) {
    this.models = models;
  }

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MOST;
      }
    };
  }

  /** How a value of {@code length} bytes is stored under this key; empty for as it is. */
  Optional<ShapedValue> of(LmCacheKey key, long length) {
    return switch (key) {
      case LmCacheKey.Chunk(ChunkName name) ->
          configured(name.model(), (int) (name.rank() >>> 24), length);
      case LmCacheKey.Bytes(PairName name) ->
          models.find(name.model()).isPresent()
              ? configured(name.model(), name.worldSize(), length)
              : learnt(name, length);
      case LmCacheKey.Metadata _ -> Optional.empty();
    };
  }

  private Optional<ShapedValue> configured(String name, int worldSize, long length) {
    Optional<ServedModel> model = models.find(name);
    if (model.isEmpty() || model.get().lmcache().isEmpty() || worldSize < 1) {
      return Optional.empty();
    }
    LayerShape layer = model.get().geometry().shape().layers().getFirst();
    SlabShape shape =
        new SlabShape(
            model.get().geometry().shape().layerCount(),
            model.get().chunkTokens(),
            Math.max(1, layer.kvHeads() / worldSize),
            layer.keyDim(),
            model.get().geometry().shape().dtype());
    return shape.fits() && shape.bytes() == length
        ? Optional.of(new ShapedValue(shape, model.get().lmcache().get()))
        : Optional.empty();
  }

  private synchronized Optional<ShapedValue> learnt(PairName name, long length) {
    return Optional.ofNullable(learnt.get(family(name)))
        .filter(shape -> shape.bytes() == length)
        .map(shape -> new ShapedValue(shape, LOSSLESS));
  }

  /** Takes note of what LMCache says of a value. */
  synchronized void learn(PairName name, byte[] description) {
    PairDescription.parse(description)
        .filter(SlabShape::fits)
        .ifPresent(shape -> learnt.put(family(name), shape));
  }

  private static Family family(PairName name) {
    return new Family(name.model(), name.worldSize(), name.type());
  }

  /** Coders of slabs of this shape. */
  synchronized BlockPool pool(SlabShape shape) {
    return pools.computeIfAbsent(shape, made -> new BlockPool(made.geometry()));
  }

  /** The element type with this number, as {@link Dtype#id} gives it. */
  static Optional<Dtype> dtype(int id) {
    for (Dtype dtype : Dtype.values()) {
      if (dtype.id() == id) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}
