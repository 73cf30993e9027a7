package dev.varve.cli.calibrate;

import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.StepSource;
import dev.varve.eviction.head.CopyScore;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.CopyAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Runs random tokens, repeated, through a model and measures how much each KV head copies. All
 * tokens pass in one step, so that a layer's keys and queries are forgotten before the next layer's
 * come. For one thread.
 */
public final class HeadCalibration {
  private final LlamaDecoder decoder;
  private final Workspace workspace;

  public HeadCalibration(LlamaDecoder decoder, Backend backend) {
    this.decoder = decoder;
    this.workspace = new Workspace(backend);
  }

  /** {@code copies} times the same {@code tokens} random tokens. */
  public static int[] repeated(int vocabulary, int tokens, int copies, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] block = random.ints(tokens, 0, vocabulary).toArray();
    int[] all = new int[tokens * copies];
    for (int i = 0; i < all.length; i++) {
      all[i] = block[i % tokens];
    }
    return all;
  }

  /**
   * Scores of the KV heads of every layer.
   *
   * @param session empty
   * @param tokens what {@link #repeated} made
   * @param period tokens of one copy
   * @param progress hears how many layers are done
   */
  public List<List<CopyScore>> measure(
      StepSource session, int[] tokens, int period, IntConsumer progress) {
    LayerShape shape = decoder.model().config().attention();
    List<List<CopyScore>> layers = new ArrayList<>();
    try (StepSource.Step step = session.begin(tokens, true)) {
      decoder.step(
          tokens,
          0,
          LlamaDecoder.Logits.NONE,
          (layer, k, v, q, out) -> {
            Observation observed = observe(layer, shape, k, v, q);
            layers.add(CopyAttention.of(observed, period, workspace));
            progress.accept(layers.size());
            step.attend(layer, k, v, q, out);
          });
      step.end();
    }
    return layers;
  }

  private static Observation observe(
      int layer, LayerShape shape, EngineTensor k, EngineTensor v, EngineTensor q) {
    int tokens = k.tokens();
    float[] queries = gather(q, shape.queryHeads(), shape.keyDim());
    return Observation.prompt(
        layer,
        shape,
        DenseRows.of(
            gather(k, shape.kvHeads(), shape.keyDim()), shape.kvHeads(), tokens, shape.keyDim()),
        DenseRows.of(
            gather(v, shape.kvHeads(), shape.valueDim()),
            shape.kvHeads(),
            tokens,
            shape.valueDim()),
        new QueryRows(queries, shape.queryHeads(), tokens, shape.keyDim(), 0));
  }

  private static float[] gather(EngineTensor rows, int heads, int dim) {
    float[] values = new float[heads * rows.tokens() * dim];
    for (int head = 0; head < heads; head++) {
      for (int token = 0; token < rows.tokens(); token++) {
        MemorySegment.copy(
            rows.memory(),
            DtypeLayouts.FLOAT,
            rows.offset(token, head),
            values,
            (head * rows.tokens() + token) * dim,
            dim);
      }
    }
    return values;
  }
}
