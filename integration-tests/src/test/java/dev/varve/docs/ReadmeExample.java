package dev.varve.docs;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.Step;
import dev.varve.store.ModelShape;
import java.nio.file.Path;
import java.util.Arrays;

/** The example of the README, as it stands there. */
final class ReadmeExample {

  private final ModelShape shape;
  private final Path folder;

  ReadmeExample(ModelShape shape, Path folder) {
    this.shape = shape;
    this.folder = folder;
  }

  /** Runs a prompt through a cache; returns the tokens that were found. */
  int run(int[] prompt, Engine engine) {
    // README begin
    var config = CacheConfig.of(shape, "my-model").host(1L << 30).ssd(folder, 1L << 30).build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      int reused = session.reuse(prompt); // skip what an earlier process computed
      try (Step step = session.begin(Arrays.copyOfRange(prompt, reused, prompt.length), true)) {
        for (int layer = 0; layer < shape.layerCount(); layer++) {
          step.append(layer, engine.keys(layer), engine.values(layer));
          step.attend(layer, engine.queries(layer), engine.output(layer));
        }
        step.end(); // commits all layers or none
      }
      session.endTurn(); // what is sealed survives a crash from here on
      // README end
      return reused;
    }
  }

  /** What an engine hands over. */
  interface Engine {
    EngineTensor keys(int layer);

    EngineTensor values(int layer);

    EngineTensor queries(int layer);

    EngineTensor output(int layer);
  }
}
