package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.ExactAttention;
import dev.varve.attention.index.CentroidIndex;
import dev.varve.attention.index.ExactKeyScores;
import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.LowBitKeyScores;
import dev.varve.attention.index.PageIndex;
import dev.varve.attention.index.SoftVoteIndex;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.select.Reuse;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.attention.select.Window;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.text.TokenBudget;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/**
 * Choosing 2,048 of many tokens for one decoded token, beside exact attention over all of them in
 * the same run (the selection part of goal P8). One layer of 8 KV heads of 128 with 4 query heads
 * each, in f16, normally distributed. The attention over what was chosen is not in it.
 */
public final class SelectBench {
  private static final int KV_HEADS = 8;
  private static final int GROUP = 4;
  private static final int DIM = 128;
  private static final int BLOCK = 128;
  private static final int PICKS = 2048;
  private static final int CENTROID_PERCENT = 5;
  private static final int QUERIES = 16;
  private static final int PROBE_BYTES = 64 << 20;
  private static final double WARM_UP_SECONDS = 0.7;

  /** How many methods are measured. */
  public static final int METHODS = 5;

  private final LayerShape shape =
      LayerShape.grouped(KV_HEADS * GROUP, KV_HEADS, DIM, RopeSpec.none());
  private final BlockGeometry geometry = BlockGeometry.of(shape, Dtype.F16, BLOCK);
  private final Backend backend;
  private final int tokens;
  private final int pairs;
  private double sink;

  /**
   * @param tokens of the context, a multiple of 128
   * @param pairs how many pairs to measure
   */
  public SelectBench(Backend backend, int tokens, int pairs) {
    this.backend = backend;
    this.tokens = tokens;
    this.pairs = pairs;
  }

  /** Rates of scoring rows, over at least {@code bytes} of memory. */
  public List<RowScores> rows(long bytes) throws IOException {
    return new RowScoreBench(backend, bytes, pairs).run();
  }

  /** Times of choosing; {@code progress} hears how many methods are done. */
  public List<SelectionTime> selections(IntConsumer progress) {
    try (Arena arena = Arena.ofConfined()) {
      int blocks = tokens / BLOCK;
      MemorySegment memory = arena.allocate(blocks * geometry.bytes(), BlockGeometry.ALIGNMENT);
      Gaussian gaussian = new Gaussian(7);
      gaussian.fill(memory, Dtype.F16);
      Context context = new Context(memory, gaussian.floats(QUERIES * shape.queryHeads() * DIM));
      List<SelectionTime> times = new ArrayList<>();
      times.add(context.measure("tokenselect, keys in f16", context.votes(exact()), 0));
      progress.accept(times.size());
      times.add(context.measure("tokenselect, keys in int8", context.votes(copy(8)), 0));
      progress.accept(times.size());
      times.add(context.measure("tokenselect, keys in int4", context.votes(copy(4)), 4));
      progress.accept(times.size());
      PageIndex quest = PageIndex.quest(shape, 16, backend);
      context.append(quest);
      times.add(context.measure("quest, pages of 16", quest, 8));
      progress.accept(times.size());
      times.add(context.measure("squeezed, 5 % centroids", context.centroids(), 8));
      progress.accept(times.size());
      return times;
    }
  }

  private ExactKeyScores exact() {
    return new ExactKeyScores(KV_HEADS, DIM, backend);
  }

  private LowBitKeyScores copy(int bits) {
    return new LowBitKeyScores(KV_HEADS, DIM, bits, backend);
  }

  /** The keys and values, the queries, and exact attention over them. */
  private final class Context {
    private final MemorySegment memory;
    private final float[] queries;
    private final ExactAttention attention = new ExactAttention(AttentionKernel.of(backend));
    private final float[] out = new float[shape.queryHeads() * DIM];
    private final StepQueries step = new StepQueries(shape);

    Context(MemorySegment memory, float[] queries) {
      this.memory = memory;
      this.queries = queries;
    }

    void append(TokenIndex index) {
      for (int block = 0; block < tokens / BLOCK; block++) {
        index.append(KeySpan.of(block(block), geometry, BLOCK), new int[0]);
      }
    }

    private MemorySegment block(int block) {
      return memory.asSlice(block * geometry.bytes(), geometry.bytes());
    }

    SoftVoteIndex votes(KeyScores keys) {
      SoftVoteIndex index = new SoftVoteIndex(shape, keys, shape.scale(), 1, backend);
      append(index);
      return index;
    }

    /** Clusters of neighbours in number: what they are made of does not change the time. */
    CentroidIndex centroids() {
      int clusters = tokens * CENTROID_PERCENT / 100;
      int[][] labels = new int[KV_HEADS][tokens];
      for (int[] head : labels) {
        for (int t = 0; t < tokens; t++) {
          head[t] = (int) ((long) t * clusters / tokens);
        }
      }
      return CentroidIndex.around(
          shape,
          labels,
          clusters,
          this::keys,
          step.set(queries, 0, tokens - 1, 1),
          1 - (double) PICKS / tokens,
          backend);
    }

    private float[] keys(int head) {
      DtypeKernel kernel = DtypeKernel.of(backend, Dtype.F16);
      float[] keys = new float[tokens * DIM];
      for (int t = 0; t < tokens; t++) {
        long at = t / BLOCK * geometry.bytes() + geometry.keyOffset(head, t % BLOCK);
        kernel.load(memory, at, keys, t * DIM, DIM);
      }
      return keys;
    }

    SelectionTime measure(String name, TokenIndex index, double goal) {
      Window window = new Window(128, 512, TokenBudget.tokens(PICKS));
      StepSelector selector = new StepSelector(shape, window, index, Reuse.NEVER);
      Selection selection = select(selector, 0);
      ThreadClock.warmUp(WARM_UP_SECONDS, () -> select(selector, 1));
      ThreadClock.warmUp(WARM_UP_SECONDS, () -> attend(1));
      ThreadClock.warmUp(WARM_UP_SECONDS, this::read);
      double[] ours = new double[pairs];
      double[] exact = new double[pairs];
      double[] probe = new double[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        int query = pair;
        exact[pair] = ThreadClock.seconds(() -> attend(query));
        ours[pair] = ThreadClock.seconds(() -> select(selector, query));
        probe[pair] = PROBE_BYTES / ThreadClock.seconds(this::read);
      }
      double[] speedup = new double[pairs];
      double[] overFloor = new double[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        speedup[pair] = exact[pair] / ours[pair];
        overFloor[pair] = ours[pair] * probe[pair] / selection.bytesScored();
      }
      return new SelectionTime(
          name,
          Comparison.median(ours),
          Comparison.median(exact),
          Comparison.median(speedup),
          goal == 0 ? OptionalDouble.empty() : OptionalDouble.of(goal),
          selection.bytesScored(),
          Comparison.median(overFloor),
          selection.count(0));
    }

    private Selection select(StepSelector selector, int query) {
      int at = query % QUERIES * shape.queryHeads() * DIM;
      Selection selection = selector.select(step.set(queries, at, tokens - 1, 1));
      sink += selection.bytesScored();
      return selection;
    }

    private void attend(int query) {
      int at = query % QUERIES * shape.queryHeads() * DIM;
      attention.start(shape, queries, at, tokens - 1, 1);
      for (int block = 0; block < tokens / BLOCK; block++) {
        attention.addBlock(block(block), geometry, block * BLOCK, BLOCK);
      }
      attention.finish(out, 0);
      sink += out[0];
    }

    private void read() {
      sink += VectorReadProbe.sum(memory, 0, PROBE_BYTES);
    }
  }

  /** Depends on every result, so that none is left out. */
  public double sink() {
    return sink;
  }
}
