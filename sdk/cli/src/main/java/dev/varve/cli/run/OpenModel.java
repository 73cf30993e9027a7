package dev.varve.cli.run;

import dev.varve.engine.BundledModel;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds and opens the model that an option names. */
public final class OpenModel {

  /** The name of the model on the class path. */
  public static final String BUNDLED = "byte-llama";

  private OpenModel() {}

  /**
   * The model at path {@code name}; {@value #BUNDLED} is the bundled one unless a file or folder of
   * that name exists. A copy of it on disk lives as long as {@code cleanup}.
   */
  public static Path locate(String name, Cleanup cleanup) throws IOException {
    Path path = Path.of(name);
    if (!name.equals(BUNDLED) || Files.exists(path)) {
      return path;
    }
    return BundledModel.folder(cleanup.add(TemporaryFolder.create()).path());
  }

  /** Opens {@code path} with its weights mapped until {@code cleanup} ends. */
  public static LlamaModel open(Path path, Cleanup cleanup) {
    return cleanup.add(LlamaModel.open(path));
  }

  /** A decoder that computes on {@code threads} threads. */
  public static LlamaDecoder decoder(LlamaModel model, int threads, Cleanup cleanup) {
    if (threads == 1) {
      return new LlamaDecoder(model);
    }
    Workers workers = cleanup.add(Workers.start(threads));
    return new LlamaDecoder(model, workers.executor(), workers.count());
  }
}
