package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Pooling;
import dev.varve.eviction.score.Reduction;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.score.SnapKvScorer;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Scoring one layer with SnapKV on the calling thread, beside what nothing can avoid: one read of
 * the keys, and the multiply-adds at the rate that the dot product kernel reaches on rows that lie
 * in the cache. By processor time of the thread.
 */
public final class EvictBench {

  /** Ours may take 1.3 times as long as the probe. */
  public static final double GOAL = 1 / 1.3;

  private static final int KV_HEADS = 8;
  private static final int GROUP = 4;
  private static final int DIM = 128;
  private static final int NEAR_ROWS = 64;
  private static final double WARM_UP_SECONDS = 3;
  private static final long SEED = 19;

  private final LayerShape shape =
      LayerShape.grouped(KV_HEADS * GROUP, KV_HEADS, DIM, RopeSpec.none());
  private final Backend backend;
  private final int tokens;
  private final int window;
  private final int pairs;
  private double sink;

  /**
   * @param tokens tokens of the layer
   * @param window queries that vote
   * @param pairs how many pairs to measure
   */
  public EvictBench(Backend backend, int tokens, int window, int pairs) {
    this.backend = backend;
    this.tokens = tokens;
    this.window = window;
    this.pairs = pairs;
  }

  /** Measures keys stored as {@code dtype}; rates are bytes of keys a second. */
  public Comparison run(Dtype dtype) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = (long) KV_HEADS * tokens * DIM * dtype.bytes();
      MemorySegment keys = arena.allocate(bytes, Long.BYTES);
      Gaussian gaussian = new Gaussian(SEED);
      gaussian.fill(keys, dtype);
      float[] queries = gaussian.floats(shape.queryHeads() * window * DIM);
      DenseRows rows = new DenseRows(keys, dtype, KV_HEADS, tokens, DIM);
      QueryRows asked = new QueryRows(queries, shape.queryHeads(), window, DIM, tokens - window);
      Observation layer = Observation.prompt(0, shape, rows, rows, asked);
      SnapKvScorer scorer = new SnapKvScorer(window, 7, Pooling.MAX, Reduction.MEAN);
      Workspace workspace = new Workspace(backend);
      Runnable ours = () -> use(scorer.score(layer, workspace));
      Floor floor = new Floor(keys, queries);
      ThreadClock.warmUp(WARM_UP_SECONDS, ours);
      ThreadClock.warmUp(WARM_UP_SECONDS, floor);
      String name = "keys in " + dtype.name().toLowerCase(Locale.ROOT);
      Question question = new Question(name, "read + multiply-adds", OptionalDouble.of(GOAL));
      return Comparison.measure(
          question,
          pairs,
          pair -> ThreadClock.rate(bytes, ours),
          pair -> ThreadClock.rate(bytes, floor));
    }
  }

  private void use(Scores scores) {
    sink += scores.heads()[KV_HEADS - 1][0];
  }

  /** The read of the keys and as many multiply-adds over rows that lie in the cache. */
  private final class Floor implements Runnable {
    private final MemorySegment keys;
    private final float[] queries;
    private final float[] out = new float[GROUP * window * NEAR_ROWS];
    private final DotKernel dot = DotKernel.of(backend);
    private final StoredRows near =
        new StoredRows()
            .layout(Dtype.F32, DIM)
            .at(MemorySegment.ofArray(new float[NEAR_ROWS * DIM]), 0, NEAR_ROWS);
    private final FloatRows vectors = new FloatRows();
    private final FloatRows products = new FloatRows();

    Floor(MemorySegment keys, float[] queries) {
      this.keys = keys;
      this.queries = queries;
    }

    @Override
    public void run() {
      sink += VectorReadProbe.sum(keys, 0, keys.byteSize());
      vectors.at(queries, 0, DIM, GROUP * window);
      products.at(out, 0, NEAR_ROWS, GROUP * window);
      for (int done = 0; done < KV_HEADS * tokens; done += NEAR_ROWS) {
        dot.multiply(near, vectors, products);
      }
      sink += out[0];
    }
  }

  /** Depends on every result, so that none is left out. */
  public double sink() {
    return sink;
  }
}
