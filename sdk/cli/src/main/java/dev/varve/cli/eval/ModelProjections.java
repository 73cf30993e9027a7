package dev.varve.cli.eval;

import dev.varve.engine.LlamaModel;
import dev.varve.sdk.forgetting.OutputProjections;

/** The output projections of a model as floats. Immutable. */
final class ModelProjections implements OutputProjections {
  private final int hidden;
  private final float[][] layers;

  ModelProjections(LlamaModel model) {
    this.hidden = model.config().hidden();
    this.layers = new float[model.config().layers()][];
    for (int layer = 0; layer < layers.length; layer++) {
      layers[layer] = model.outputProjection(layer);
    }
  }

  @Override
  public int hidden() {
    return hidden;
  }

  @Override
  public float[] of(int layer) {
    return layers[layer];
  }
}
