package dev.varve.sdk.forgetting;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.DraftAttention;
import dev.varve.store.Checks;
import java.util.Optional;

/**
 * Opens the session of a draft model: it forgets nothing, and at the end of a prompt it finds what
 * the draft looks at, for {@link SessionSignals#draftScores} of the session of the model that is
 * drafted for. Both models must cut text into the same tokens. SpecPC (2025, arXiv 2506.08373).
 */
public final class DraftScores implements Forgetting {

  private final int window;
  private final int firstLayer;
  private Optional<float[]> scores = Optional.empty();

  /**
   * @param window newest queries of the prompt that count
   * @param firstLayer first layer of the draft that counts
   */
  public DraftScores(int window, int firstLayer) {
    this.window = Checks.positive(window, "window");
    this.firstLayer = Checks.notNegative(firstLayer, "first layer");
  }

  /** Scores of all tokens of the prompt that ended last; empty before. */
  public Optional<float[]> scores() {
    return scores.map(float[]::clone);
  }

  @Override
  public int queries() {
    return window;
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    return lastOfPrompt;
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    Checks.inRange(firstLayer, 0, history.shape().layerCount() - 1, "first layer of the draft");
    DraftAttention attention =
        new DraftAttention(Math.min(window, history.tokens()), history.tokens());
    Workspace workspace = new Workspace(history.backend());
    LayerCursor cursor = new LayerCursor(history);
    for (int layer = firstLayer; layer < history.shape().layerCount(); layer++) {
      if (history.shape().owns(layer)) {
        Observation observed = ShownLayer.of(cursor, layer).observation();
        attention.add(observed, workspace);
      }
    }
    scores = Optional.of(attention.scores());
    return new KeepSets(history.shape());
  }
}
