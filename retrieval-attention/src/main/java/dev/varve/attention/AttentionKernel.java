package dev.varve.attention;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.WeightedSumKernel;

/**
 * Exact attention of one {@link AttentionTile}: for each query the normalised output {@code o} over
 * the rows of the tile and the natural log-sum-exp {@code lse} of its logits, an un-merged partial.
 * A tile without rows gives zeros and negative infinity. The bits of a query's result depend on the
 * query and the rows only, not on the other queries of the tile.
 *
 * <p>Owns scratch memory: one instance per thread. Allocates only when a tile needs more scratch
 * than every tile before.
 */
public interface AttentionKernel {

  /** A new kernel of {@code backend}. */
  static AttentionKernel of(Backend backend) {
    return switch (backend) {
      case SCALAR -> new ScalarAttentionKernel();
      case VECTOR ->
          new VectorAttentionKernel(
              DotKernel.of(backend), SoftmaxKernel.of(backend), WeightedSumKernel.of(backend));
    };
  }

  /** Writes the partials of the tile to the places that it names. */
  void attend(AttentionTile tile);
}
