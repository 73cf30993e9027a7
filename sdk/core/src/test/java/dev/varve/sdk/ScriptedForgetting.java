package dev.varve.sdk;

import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Forgets what a test says, when it says so. */
final class ScriptedForgetting implements Forgetting {

  private final Function<SessionHistory, KeepSets> script;
  private int queries;
  private boolean parks;
  private boolean due;

  ScriptedForgetting(Function<SessionHistory, KeepSets> script) {
    this.script = script;
  }

  /** Keeps in every head the rows whose index {@code kept} holds for. */
  static ScriptedForgetting rows(IntPredicate kept) {
    return new ScriptedForgetting(history -> keep(history, kept));
  }

  static KeepSets keep(SessionHistory history, IntPredicate kept) {
    KeepSets keep = new KeepSets(history.shape());
    for (int layer = 0; layer < history.shape().layerCount(); layer++) {
      if (history.shape().owns(layer)) {
        for (int head = 0; head < history.shape().layers().get(layer).kvHeads(); head++) {
          int[] rows = IntStream.range(0, history.rows(layer, head)).filter(kept).toArray();
          keep.set(layer, head, HeadKeepSet.of(rows));
        }
      }
    }
    return keep;
  }

  ScriptedForgetting queries(int count) {
    queries = count;
    return this;
  }

  ScriptedForgetting parking() {
    parks = true;
    return this;
  }

  /** From here on every end of a prompt is the time to forget. */
  ScriptedForgetting atTheEndOfPrompts() {
    due = true;
    return this;
  }

  @Override
  public int queries() {
    return queries;
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    return due && lastOfPrompt;
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    return script.apply(history);
  }

  @Override
  public boolean parks() {
    return parks;
  }
}
