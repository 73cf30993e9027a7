package dev.varve.attention.policy;

import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.select.StepSelector;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;

/** Which tokens a step reads, as a value: opens a selector for each session and layer. */
public interface SelectorPolicy {

  /**
   * An index of one layer without any keys; a {@link dev.varve.attention.index.StoredIndex} if it
   * can outlive the process.
   */
  TokenIndex index(LayerShape shape, Backend backend);

  /**
   * A selector of a new session for one layer.
   *
   * @param layer its number: some policies let the first layers read everything
   * @param index what {@link #index} made, for this selector alone
   */
  StepSelector open(LayerShape shape, int layer, TokenIndex index);

  /** A selector of a new session for one layer, without any keys. */
  default StepSelector open(LayerShape shape, int layer, Backend backend) {
    return open(shape, layer, index(shape, backend));
  }

  /** The text form with every option written out; {@link SelectorPolicies#parse} reads it. */
  String text();
}
