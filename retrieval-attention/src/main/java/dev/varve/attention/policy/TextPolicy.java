package dev.varve.attention.policy;

import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.select.Reuse;
import dev.varve.attention.select.StepSelector;
import dev.varve.attention.select.Window;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.text.TokenBudget;
import java.util.function.Supplier;

/** A policy whose text says it all: two of the same text are equal. */
final class TextPolicy implements SelectorPolicy {

  /** Makes an index without keys. */
  @FunctionalInterface
  interface IndexFactory {
    TokenIndex open(LayerShape shape, Backend backend);
  }

  private final String text;
  private final Window window;
  private final int dense;
  private final IndexFactory index;
  private final Supplier<Reuse> reuse;

  /**
   * @param text with every option
   * @param dense the first layers, which read everything
   */
  TextPolicy(String text, Window window, int dense, IndexFactory index, Supplier<Reuse> reuse) {
    this.text = text;
    this.window = window;
    this.dense = dense;
    this.index = index;
    this.reuse = reuse;
  }

  @Override
  public TokenIndex index(LayerShape shape, Backend backend) {
    return index.open(shape, backend);
  }

  @Override
  public StepSelector open(LayerShape shape, int layer, TokenIndex filled) {
    Window read =
        layer < dense
            ? new Window(window.init(), window.local(), TokenBudget.tokens(Integer.MAX_VALUE))
            : window;
    return new StepSelector(shape, read, filled, reuse.get());
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextPolicy policy && policy.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
