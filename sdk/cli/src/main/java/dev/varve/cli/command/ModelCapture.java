package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.capture.Capture;
import dev.varve.cli.capture.Metadata;
import dev.varve.cli.capture.QueryWindow;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.CacheSession;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.io.IOException;
import java.nio.file.Path;

/** Keys, values and queries of one run of a model, written to a file. */
final class ModelCapture {
  private ModelCapture() {}

  /**
   * Runs {@code tokens} through {@code model}.
   *
   * @param name of the model, as it was given
   * @param cacheBytes memory of the run's cache
   */
  static void write(
      LlamaModel model,
      String name,
      int[] tokens,
      QueryWindow queries,
      long cacheBytes,
      Path out,
      Console console)
      throws IOException {
    LlamaDecoder decoder = new LlamaDecoder(model);
    ModelShape shape = model.modelShape(Dtype.F32);
    CacheConfig config = CacheConfig.of(shape, model.modelIdentity()).hot(cacheBytes).build();
    LayerShape layer = shape.layers().getFirst();
    var source = new Metadata.Source(name, model.modelIdentity());
    var metadata =
        Metadata.of(
            model.config().layers(), layer, source, tokens.length, queries.of(tokens.length));
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession();
        ProgressBar bar = console.progress("capture", "tokens")) {
      new Capture(decoder, new CacheSession(session), tokens, queries)
          .write(
              out, metadata, BlockGeometry.DEFAULT_TOKENS, done -> bar.show(done, tokens.length));
    }
  }
}
