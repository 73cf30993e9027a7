package dev.varve.cli.run;

import dev.varve.engine.BundledModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the model that an option names. */
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
}
