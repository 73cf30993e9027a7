package dev.varve.sdk.forgetting;

import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.RowRange;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.RepeatAttention;
import dev.varve.store.ModelShape;
import java.util.Arrays;

/**
 * Opens the fork in which a context is repeated: it forgets nothing, and when it is asked it adds
 * what the newest step looked at. Each head is judged by the rows that it still has.
 */
public final class RepeatScores implements Forgetting {

  private final int context;
  private final int sinks;
  private final float[][][] peaks;
  private int from;
  private int to;
  private int asked;

  /**
   * @param context tokens of the session
   * @param sinks first tokens, which every query is taken to see
   */
  public RepeatScores(ModelShape shape, int context, int sinks) {
    this.context = context;
    this.sinks = sinks;
    this.peaks = new float[shape.layerCount()][][];
    for (int layer = 0; layer < peaks.length; layer++) {
      int heads = shape.owns(layer) ? shape.layers().get(layer).queryHeads() : 0;
      peaks[layer] = new float[heads][context];
    }
  }

  /** The next step asks with {@code queries} tokens for the tokens {@code [from, to)}. */
  public void expect(int from, int to, int queries) {
    this.from = from;
    this.to = to;
    this.asked = queries;
  }

  /** The scores so far, {@code [queryHeads][context]}. */
  public float[][] of(int layer) {
    return peaks[layer];
  }

  @Override
  public int queries() {
    return EVERY_QUERY;
  }

  @Override
  public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
    return false;
  }

  @Override
  public KeepSets keep(SessionHistory history) {
    Workspace workspace = new Workspace(history.backend());
    LayerCursor cursor = new LayerCursor(history);
    for (int layer = 0; layer < peaks.length; layer++) {
      if (history.shape().owns(layer)) {
        int group = history.shape().layers().get(layer).group();
        ShownLayer all = ShownLayer.of(cursor, layer);
        for (int head = 0; head < all.heads(); head++) {
          add(all.head(head), head * group, workspace);
        }
      }
    }
    return new KeepSets(history.shape());
  }

  private void add(ShownLayer head, int firstQueryHead, Workspace scratch) {
    int old = below(head, context);
    int begin = below(head, from);
    int end = below(head, to);
    if (begin >= end || head.rows(0) - old != asked) {
      return;
    }
    ShownRows keys = head.keys();
    QueryRows queries = head.queries(asked);
    int seen = Math.min(sinks, old);
    RepeatAttention attention = new RepeatAttention(head.shape(), new RowRange(keys, 0, old), seen);
    attention.add(begin, end, queries, new RowRange(keys, old, asked), scratch);
    float[][] scores = attention.scores();
    for (int g = 0; g < scores.length; g++) {
      float[] target = peaks[head.layer()][firstQueryHead + g];
      for (int row = 0; row < old; row++) {
        int position = head.positionOf(0, row);
        target[position] = Math.max(target[position], scores[g][row]);
      }
    }
  }

  /** Rows of a head at positions below {@code position}. */
  private static int below(ShownLayer head, int position) {
    int[] positions = new int[head.rows(0)];
    Arrays.setAll(positions, row -> head.positionOf(0, row));
    int found = Arrays.binarySearch(positions, position);
    return found >= 0 ? found : -found - 1;
  }
}
