package dev.varve.engine;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds the one model that a path names. */
final class ModelFiles {

  static final String CONFIG = "config.json";
  static final String SAFETENSORS = ".safetensors";
  static final String BIN = ".bin";

  private ModelFiles() {}

  /**
   * The file to load: a llama2.c {@code .bin}, a {@code .safetensors}, or a {@code config.json}.
   */
  static Path find(Path path) {
    if (Files.isDirectory(path)) {
      return only(path);
    }
    String name = String.valueOf(path.getFileName());
    if (!Files.isRegularFile(path)) {
      throw new StoreException(path + ": no such file or folder");
    }
    if (name.endsWith(BIN) || name.endsWith(SAFETENSORS)) {
      return path;
    }
    throw new StoreException(
        path + ": a model is a llama2.c .bin file, a .safetensors file, or a folder with one");
  }

  /** The files of a folder whose names match, sorted. */
  static List<Path> list(Path folder, Predicate<String> names) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> Files.isRegularFile(f) && names.test(String.valueOf(f.getFileName())))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new StoreException(folder + ": cannot be listed: " + e, e);
    }
  }

  private static Path only(Path folder) {
    List<Path> models = new ArrayList<>(list(folder, CONFIG::equals));
    models.addAll(list(folder, n -> n.endsWith(BIN) && !n.matches("(tok|pytorch_|training_).*")));
    if (models.size() != 1) {
      throw new StoreException(
          ("%s: holds %d models %s; needed is exactly one: config.json with *.safetensors, or a"
                  + " llama2.c .bin with its tok*.bin")
              .formatted(folder, models.size(), models.stream().map(Path::getFileName).toList()));
    }
    return models.getFirst();
  }
}
