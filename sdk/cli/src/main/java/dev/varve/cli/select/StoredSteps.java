package dev.varve.cli.select;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.SelectorStats;
import dev.varve.attention.select.StepSelector;
import dev.varve.cli.capture.CaptureFile;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The stored queries of a capture as decode steps of one session: each sees the keys up to its own
 * position and no others.
 */
public final class StoredSteps {
  private final CaptureFile capture;
  private final SelectorPolicy policy;
  private final Backend backend;
  private final int[] tokenIds;

  /** Steps of {@code capture} under {@code policy}. */
  public StoredSteps(CaptureFile capture, SelectorPolicy policy, Backend backend) {
    this.capture = capture;
    this.policy = policy;
    this.backend = backend;
    this.tokenIds = capture.tokenIds();
  }

  /** Runs the steps of one layer in order; returns what the selector did. */
  public SelectorStats run(int layer, Consumer<SelectedStep> out) {
    StepSelector selector = policy.open(capture.shape(), backend);
    KeySpan keys =
        KeySpan.dense(
            capture.keys(layer),
            capture.dtype(),
            capture.shape().kvHeads(),
            capture.tokens(),
            capture.shape().keyDim());
    StepQueries queries = new StepQueries(capture.shape());
    float[] query = new float[capture.shape().queryHeads() * capture.shape().keyDim()];
    int appended = 0;
    for (int step = 0; step < capture.queryTokens(); step++) {
      int end = capture.queryFirst() + step + 1;
      selector.append(keys.slice(appended, end - appended), ids(appended, end));
      appended = end;
      capture.queries(layer, step, query);
      Selection selection = selector.select(queries.set(query, 0, end - 1, 1));
      for (int group = 0; group < selection.groups(); group++) {
        Integer head = selection.shared() ? null : Integer.valueOf(group);
        out.accept(
            new SelectedStep(layer, head, step, selection.set(group).stream().boxed().toList()));
      }
    }
    return selector.stats();
  }

  private int[] ids(int from, int to) {
    return tokenIds.length == 0 ? tokenIds : Arrays.copyOfRange(tokenIds, from, to);
  }
}
