package dev.varve.sdk.internal;

import dev.varve.sdk.EngineTensor;

/** Refuses tensors that do not fit the layer they are given for. */
final class TensorChecks {

  private TensorChecks() {}

  /** Checks that {@code tensor} is {@code [tokens][heads][dim]}. */
  static void shape(EngineTensor tensor, String name, int layer, int tokens, int heads, int dim) {
    if (tensor.tokens() != tokens || tensor.heads() != heads || tensor.dim() != dim) {
      throw new IllegalArgumentException(
          name
              + " of layer "
              + layer
              + " must be ["
              + tokens
              + "]["
              + heads
              + "]["
              + dim
              + "], got ["
              + tensor.tokens()
              + "]["
              + tensor.heads()
              + "]["
              + tensor.dim()
              + "]");
    }
  }
}
