package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.TopKKernel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Hierarchical pruning for decode, as in HiP attention (Lee et al., 2025): the candidates are cut
 * into large chunks; each is represented by a token that is sought by halving it and going on with
 * the half whose middle key scores higher; the best chunks are cut into smaller ones, and so on. A
 * stage is looked up anew every so many steps, coarse stages less often, so that few keys are read.
 * For each KV head apart; of a group's query heads the highest score counts.
 */
public final class HierarchicalIndex implements TokenIndex {

  /**
   * One stage.
   *
   * @param chunk tokens of a chunk; at most half of those of the stage before
   * @param keep tokens that go on to the next stage; the last stage keeps the budget
   * @param refresh steps from one look-up to the next
   */
  public record Stage(int chunk, int keep, int refresh) {
    public Stage {
      Checks.positive(chunk, "chunk");
      Checks.positive(keep, "keep");
      Checks.positive(refresh, "refresh");
    }
  }

  private final LayerShape shape;
  private final List<Stage> stages;
  private final ExactKeyScores keys;
  private final TopKKernel topK;
  private final FloatRows dot = new FloatRows();
  private final float[] dots;
  private final int[][][] chosen;
  private final int[] ends;
  private int[] chunks = {};
  private float[] scores = {};
  private int[] places = {};
  private int step;
  private long keyBytes;

  /** No keys yet. */
  public HierarchicalIndex(LayerShape shape, List<Stage> stages, Backend backend) {
    this.shape = shape;
    this.stages = List.copyOf(stages);
    check(stages);
    this.keys = new ExactKeyScores(shape.kvHeads(), shape.keyDim(), backend);
    this.topK = TopKKernel.of(backend);
    this.dots = new float[shape.group()];
    this.chosen = new int[stages.size()][shape.kvHeads()][0];
    this.ends = new int[stages.size()];
  }

  /**
   * Refuses stages that do not get finer.
   *
   * @throws IllegalArgumentException if there is none, or a chunk is more than half of the one
   *     before
   */
  public static void check(List<Stage> stages) {
    for (int i = 1; i < stages.size(); i++) {
      if (2 * stages.get(i).chunk() > stages.get(i - 1).chunk()) {
        throw new IllegalArgumentException(
            "chunks must become at most half as large from stage to stage: %d after %d"
                .formatted(stages.get(i).chunk(), stages.get(i - 1).chunk()));
      }
    }
    Checks.positive(stages.size(), "stages");
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public int tokens() {
    return keys.tokens();
  }

  @Override
  public void append(KeySpan span, int[] tokenIds) {
    keys.append(span);
  }

  @Override
  public boolean borrowsKeys() {
    return true;
  }

  @Override
  public int truncate(int tokens) {
    step = 0;
    return keys.truncate(tokens);
  }

  @Override
  public long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks) {
    if (to < ends[0]) {
      step = 0;
    }
    long bytes = 0;
    for (int s = 0; s < stages.size(); s++) {
      Stage stage = stages.get(s);
      if (step % stage.refresh() == 0) {
        int keep = s == stages.size() - 1 ? budget : Math.max(budget, stage.keep());
        for (int head = 0; head < shape.kvHeads(); head++) {
          bytes += refresh(queries, head, s, from, to, keep);
        }
        ends[s] = to;
      }
    }
    step++;
    int last = stages.size() - 1;
    for (int head = 0; head < picks.length; head++) {
      for (int start : chosen[last][head]) {
        picks[head].set(start, Math.min(to, start + stages.get(last).chunk()));
      }
      // What came since a stage was chosen was in none of its chunks.
      picks[head].set(Math.max(from, Math.min(to, ends[last])), to);
      picks[head].clear(0, from);
    }
    return bytes;
  }

  /** Chooses the chunks of a stage among those of the stage before; returns the bytes read. */
  private long refresh(StepQueries queries, int head, int stage, int from, int to, int keep) {
    int size = stages.get(stage).chunk();
    int count = stage == 0 ? cut(from, to, size) : cutChosen(head, stage, from, to, size);
    if (scores.length < count) {
      scores = new float[2 * count];
      places = new int[2 * count];
    }
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += represent(queries, head, i, Math.min(to, chunks[i] + size));
    }
    int wanted = Math.min(count, Math.max(1, keep / size));
    topK.select(scores, 0, count, wanted, places);
    int[] starts = new int[wanted];
    for (int i = 0; i < wanted; i++) {
      starts[i] = chunks[places[i]];
    }
    chosen[stage][head] = starts;
    return bytes;
  }

  private int cut(int from, int to, int size) {
    int count = 0;
    for (int start = from; start < to; start += size) {
      add(count++, start);
    }
    return count;
  }

  /** The chosen chunks of the stage before, and what came since they were chosen, in pieces. */
  private int cutChosen(int head, int stage, int from, int to, int size) {
    int count = 0;
    int before = stages.get(stage - 1).chunk();
    int covered = Math.min(to, ends[stage - 1]);
    for (int start : chosen[stage - 1][head]) {
      for (int piece = start; piece < Math.min(covered, start + before); piece += size) {
        if (piece >= from) {
          add(count++, piece);
        }
      }
    }
    for (int piece = Math.max(from, covered); piece < to; piece += size) {
      add(count++, piece);
    }
    return count;
  }

  private void add(int index, int start) {
    if (index == chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(64, 2 * index));
    }
    chunks[index] = start;
  }

  /** Halves chunk {@code i} down to one token, whose score becomes the chunk's. */
  private long represent(StepQueries queries, int head, int i, int end) {
    int low = chunks[i];
    int high = end;
    long bytes = 0;
    float best = Float.NEGATIVE_INFINITY;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      float left = score(queries, head, (low + middle) >>> 1);
      float right = score(queries, head, (middle + high) >>> 1);
      bytes += 2 * keyBytes;
      if (right > left) {
        low = middle;
      } else {
        high = middle;
      }
      best = Math.max(left, right);
    }
    if (best == Float.NEGATIVE_INFINITY) {
      best = score(queries, head, low);
      bytes += keyBytes;
    }
    scores[i] = best;
    return bytes;
  }

  private float score(StepQueries queries, int head, int position) {
    dot.at(dots, 0, 1, shape.group());
    keyBytes = keys.score(head, queries.mean(head), position, position + 1, dot);
    float best = dots[0];
    for (int h = 1; h < dots.length; h++) {
      best = Math.max(best, dots[h]);
    }
    return best;
  }

  @Override
  public long bytes() {
    long chunks = 0;
    for (int[][] stage : chosen) {
      for (int[] head : stage) {
        chunks += head.length;
      }
    }
    return chunks * Integer.BYTES;
  }
}
