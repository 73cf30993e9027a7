package dev.varve.cli.calibrate;

import dev.varve.cli.run.HotSize;
import dev.varve.engine.CacheSession;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.eviction.head.CopyScore;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backends;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Runs repeated random tokens through a model and scores how its KV heads copy.
 *
 * @param tokens random tokens of a copy, at least 2
 * @param copies how often they come, at least 2
 * @param seed of the random tokens
 */
public record HeadSearch(int tokens, int copies, long seed) {

  /** What the paper's search takes, in tokens of this model. */
  public static HeadSearch standard() {
    return new HeadSearch(400, 4, 1);
  }

  /**
   * Scores of every KV head, by layer.
   *
   * @param progress hears how many layers are done
   * @throws IllegalArgumentException if the copies do not fit the model's context
   */
  public List<List<CopyScore>> scores(LlamaModel model, IntConsumer progress) {
    int[] run = HeadCalibration.repeated(model.config().vocabulary(), tokens, copies, seed);
    ModelShape shape = model.modelShape(Dtype.F32);
    ModelGeometry geometry = ModelGeometry.of(shape, BlockGeometry.DEFAULT_TOKENS);
    CacheConfig config =
        CacheConfig.of(shape, model.modelIdentity()).hot(HotSize.of(geometry, run.length)).build();
    HeadCalibration calibration =
        new HeadCalibration(new LlamaDecoder(model), Backends.choose(Optional.empty()).backend());
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      return calibration.measure(new CacheSession(session), run, tokens, progress);
    }
  }
}
