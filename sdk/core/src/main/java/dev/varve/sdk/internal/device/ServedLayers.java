package dev.varve.sdk.internal.device;

import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.cuda.CudaAttention;
import dev.varve.store.cuda.CudaKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which layers of a model the kernels of a device attend. A layer with a window is one of them:
 * whoever asks hands over blocks that all of its queries see.
 */
public final class ServedLayers {
  private final ModelGeometry geometry;
  private final List<Optional<String>> refusals = new ArrayList<>();

  /** The layers of a model. */
  public ServedLayers(ModelGeometry geometry) {
    this.geometry = geometry;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      refusals.add(CudaAttention.refusal(shape(layer), block(layer)));
    }
  }

  LayerShape shape(int layer) {
    return geometry.shape().layers().get(layer).withoutWindow();
  }

  private BlockGeometry block(int layer) {
    return geometry.block(geometry.shape().ownerOf(layer));
  }

  /** Layers of the model. */
  public int layers() {
    return refusals.size();
  }

  /** Whether there is a kernel for {@code layer}. */
  public boolean serves(int layer) {
    return refusals.get(layer).isEmpty();
  }

  /** Layers that have a kernel. */
  public int served() {
    return Math.toIntExact(refusals.stream().filter(Optional::isEmpty).count());
  }

  /** Why the first layer without a kernel has none; empty if all have one. */
  public Optional<String> refusal() {
    return refusals.stream().flatMap(Optional::stream).findFirst();
  }

  CudaAttention attention(CudaKernels kernels, int layer) {
    return new CudaAttention(kernels, shape(layer), block(layer));
  }
}
