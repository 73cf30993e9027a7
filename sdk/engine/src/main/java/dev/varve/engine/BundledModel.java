package dev.varve.engine;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** byte-llama, the real model of 4 million weights that lies on the class path. */
public final class BundledModel {
  private static final String FOLDER = "byte-llama/";
  private static final List<String> FILES =
      List.of("README.md", "model.safetensors", "config.json");

  private BundledModel() {}

  /**
   * The model as a folder on disk: where it is, or else a copy in {@code target}, which is made if
   * absent. A file that is already there and equal is kept; others are replaced as a whole.
   *
   * @throws StoreException when {@code target} cannot be written
   */
  public static Path folder(Path target) {
    URL config = resource("config.json");
    return config.getProtocol().equals("file")
        ? Path.of(URI.create(config.toString())).resolveSibling("")
        : extractTo(target);
  }

  /** Copies the model into {@code target} and returns it. */
  static Path extractTo(Path target) {
    try {
      Files.createDirectories(target);
      for (String name : FILES) {
        extract(name, target.resolve(name));
      }
      return target;
    } catch (IOException e) {
      throw new StoreException(target + ": the bundled model cannot be copied here: " + e, e);
    }
  }

  private static void extract(String name, Path target) throws IOException {
    byte[] bytes;
    try (InputStream in = resource(name).openStream()) {
      bytes = in.readAllBytes();
    }
    if (Files.exists(target) && Arrays.equals(Files.readAllBytes(target), bytes)) {
      return;
    }
    Path temporary = Files.createTempFile(target.getParent(), name, ".partial");
    try {
      Files.write(temporary, bytes);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static URL resource(String name) {
    return Objects.requireNonNull(BundledModel.class.getResource(FOLDER + name), FOLDER + name);
  }
}
