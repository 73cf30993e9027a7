package dev.varve.cli.select;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.SelectorStats;
import dev.varve.attention.select.StepSelector;
import dev.varve.cli.capture.StoredRun;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The stored queries of a capture as decode steps of one session: each sees the keys up to its own
 * position and no others.
 */
public final class StoredSteps {
  private final StoredRun capture;
  private final SelectorPolicy policy;
  private final IndexBuild build;
  private final List<TokenIndex> indices;

  /**
   * Steps of {@code capture} under {@code policy}.
   *
   * @param stored indices to begin with; without them they are made from the keys
   */
  public StoredSteps(
      StoredRun capture, SelectorPolicy policy, Optional<IndexFile> stored, Backend backend) {
    this.capture = capture;
    this.policy = policy;
    this.build = new IndexBuild(capture, policy, backend);
    this.indices = stored.isPresent() ? build.restore(stored.get()) : build.open();
  }

  /** Runs the steps of one layer in order, once; returns what the selector did. */
  public SelectorStats run(int layer, Consumer<SelectedStep> out) {
    int appended = indices.get(layer).appended();
    StepSelector selector = policy.open(capture.shape(), layer, indices.get(layer));
    StepQueries queries = new StepQueries(capture.shape());
    float[] query = new float[capture.shape().queryHeads() * capture.shape().keyDim()];
    for (int step = 0; step < capture.queryTokens(); step++) {
      int end = capture.queryFirst() + step + 1;
      if (end > appended) {
        selector.append(
            build.keys(layer).slice(appended, end - appended), build.ids(appended, end));
        appended = end;
      }
      capture.queries(layer, step, query);
      Selection selection = selector.select(queries.set(query, 0, end - 1, 1));
      for (int group = 0; group < selection.groups(); group++) {
        Integer head = selection.shared() ? null : Integer.valueOf(group);
        List<Integer> positions = selection.set(group).stream().boxed().toList();
        out.accept(new SelectedStep(layer, head, step, positions));
      }
    }
    return selector.stats();
  }
}
