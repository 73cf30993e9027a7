package dev.varve.attention.policy;

import dev.varve.attention.select.StepSelector;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;

/** Which tokens a step reads, as a value: opens a selector for each session and layer. */
public interface SelectorPolicy {

  /** A selector of a new session for one layer, without any keys. */
  StepSelector open(LayerShape shape, Backend backend);

  /** The text form with every option written out; {@link SelectorPolicies#parse} reads it. */
  String text();
}
