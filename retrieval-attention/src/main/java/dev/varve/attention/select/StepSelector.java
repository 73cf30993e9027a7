package dev.varve.attention.select;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.TokenIndex;
import dev.varve.store.LayerShape;
import java.util.BitSet;

/**
 * Chooses what one layer of one session reads at a step: the first tokens, what the index picks
 * among those in the middle, the newest tokens, and every token that the index does not hold yet.
 * Sorted, without duplicates, inside what the queries see, and the same for the same calls. For one
 * thread; once its buffers have grown it allocates nothing, as far as its index does not.
 *
 * <p>Positions are row numbers of the keys that were appended. Where an eviction policy has removed
 * tokens, only what it kept is appended, so only that can be chosen.
 */
public final class StepSelector {
  private final Window window;
  private final TokenIndex index;
  private final Reuse reuse;
  private final BitSet[] picks;
  private final Selection selection;
  private boolean lookedUp;
  private int lastEnd;
  private long steps;
  private long whole;
  private long reused;
  private long building;
  private long bytesScored;

  /** A selector over an index that belongs to it from now on. */
  public StepSelector(LayerShape shape, Window window, TokenIndex index, Reuse reuse) {
    this.window = window;
    this.index = index;
    this.reuse = reuse;
    this.selection = new Selection(index.shared(), shape.kvHeads());
    this.picks = new BitSet[selection.groups()];
    for (int i = 0; i < picks.length; i++) {
      picks[i] = new BitSet();
    }
  }

  /** Hands keys of the tokens that follow the ones before to the index. */
  public void append(KeySpan keys, int[] tokenIds) {
    index.append(keys, tokenIds);
  }

  /**
   * Forgets the keys from position {@code tokens} on, and earlier picks.
   *
   * @return position of the next key to append, at most {@code tokens}
   */
  public int truncate(int tokens) {
    lookedUp = false;
    return index.truncate(tokens);
  }

  /**
   * Chooses for a step.
   *
   * @return valid until the next call
   */
  public Selection select(StepQueries queries) {
    int end = queries.endPosition();
    int visible = queries.shape().firstVisible(queries.firstPosition());
    int newest = Math.max(0, Math.min(end - window.local(), queries.firstPosition()));
    int from = Math.min(end, Math.max(window.init(), visible));
    int to = Math.max(from, Math.min(newest, index.tokens()));
    int budget = window.picks().of(end);
    if (end < lastEnd) {
      lookedUp = false;
    }
    lastEnd = end;
    steps++;
    building += !index.complete() && index.tokens() < newest && from < newest ? 1 : 0;
    if (to == from || !index.selects(to - from, budget)) {
      whole++;
      selection.begin(end, Selection.Origin.WHOLE, 0);
      fill(visible, end);
      return selection;
    }
    if (lookedUp && reuse.serves(queries)) {
      reused++;
      selection.begin(end, Selection.Origin.REUSED, 0);
    } else {
      selection.begin(end, Selection.Origin.LOOKED_UP, lookUp(queries, from, to, budget));
    }
    fill(visible, Math.min(end, window.init()));
    fill(Math.max(visible, to), end);
    for (int i = 0; i < picks.length; i++) {
      selection.set(i).or(picks[i]);
      selection.set(i).clear(0, visible);
    }
    return selection;
  }

  private long lookUp(StepQueries queries, int from, int to, int budget) {
    for (BitSet picked : picks) {
      picked.clear();
    }
    long bytes = index.lookup(queries, from, to, budget, picks);
    lookedUp = true;
    reuse.lookedUp(queries);
    bytesScored += bytes;
    return bytes;
  }

  private void fill(int from, int to) {
    for (int i = 0; from < to && i < picks.length; i++) {
      selection.set(i).set(from, to);
    }
  }

  /** What it did so far. */
  public SelectorStats stats() {
    return new SelectorStats(steps, whole, reused, building, bytesScored);
  }
}
