package dev.varve.engine;

import dev.varve.store.Dtype;
import dev.varve.store.StoreException;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Loads {@code config.json} and its {@code *.safetensors}: one file, or several shards. */
final class HuggingFaceModel {
  private static final String INDEX = "model.safetensors.index.json";

  private HuggingFaceModel() {}

  /** Loads the model of a {@code config.json}, or of one {@code .safetensors} file beside one. */
  static LlamaModel load(Path file, Arena arena) {
    Path folder = file.toAbsolutePath().resolveSibling("");
    Path configFile = folder.resolve(ModelFiles.CONFIG);
    boolean whole = file.endsWith(ModelFiles.CONFIG);
    List<Path> shards = whole ? shards(folder) : List.of(file);
    LlamaConfig config = HuggingFaceConfig.read(configFile);
    Tokenizer tokenizer = tokenizer(folder, config);
    Map<String, Tensor> tensors = new HashMap<>();
    for (Path shard : shards) {
      SafetensorsFile.open(shard, arena)
          .tensors()
          .forEach((name, tensor) -> {
            if (tensors.put(name, tensor) != null) {
              throw new StoreException(
                  "%s: tensor '%s' is also in another file of %s: the folder holds two models"
                      .formatted(shard, name, shards));
            }
          });
    }
    Map<Weight, List<Matrix>> weights = new EnumMap<>(Weight.class);
    for (Weight weight : Weight.values()) {
      Weight source = weight == Weight.CLASSIFIER && config.tied() ? Weight.EMBEDDING : weight;
      List<Matrix> layers = new ArrayList<>();
      for (int layer = 0; layer < weight.count(config); layer++) {
        layers.add(matrix(folder, config, source, source.name(layer), tensors));
      }
      weights.put(weight, layers);
    }
    List<Path> files = new ArrayList<>(shards);
    files.addFirst(configFile);
    return new LlamaModel(arena, config, weights, tokenizer, files);
  }

  private static List<Path> shards(Path folder) {
    if (Files.exists(folder.resolve(INDEX))) {
      JsonNode map = HuggingFaceConfig.json(folder.resolve(INDEX)).path("weight_map");
      List<String> names = map.valueStream().map(n -> n.asString("")).distinct().sorted().toList();
      for (String name : names) {
        if (!name.matches("[\\w.-]+") || !Files.isRegularFile(folder.resolve(name))) {
          throw new StoreException(
              folder + ": " + INDEX + " names the missing file '" + name + "'");
        }
      }
      return names.stream().map(folder::resolve).toList();
    }
    List<Path> shards = ModelFiles.list(folder, n -> n.endsWith(ModelFiles.SAFETENSORS));
    if (shards.isEmpty()) {
      throw new StoreException(folder + ": holds a config.json but no *.safetensors");
    }
    return shards;
  }

  private static Matrix matrix(
      Path folder, LlamaConfig config, Weight weight, String name, Map<String, Tensor> tensors) {
    long rows = weight.rows(config);
    long columns = weight.columns(config);
    List<Long> needed = weight.isVector() ? List.of(columns) : List.of(rows, columns);
    Tensor tensor = tensors.get(name);
    String found = tensor == null ? "missing" : tensor.spec().type() + "" + tensor.spec().shape();
    if (tensor == null
        || !tensor.spec().shape().equals(needed)
        || tensor.spec().type().dtype().isEmpty()) {
      throw new StoreException(
          "%s: tensor '%s' is %s, config.json needs one of %s with shape %s"
              .formatted(folder, name, found, List.of(Dtype.values()), needed));
    }
    Dtype dtype = tensor.spec().type().dtype().get();
    return new Matrix(tensor.data(), dtype, (int) rows, (int) columns);
  }

  private static Tokenizer tokenizer(Path folder, LlamaConfig config) {
    List<Path> others = ModelFiles.list(folder, n -> n.matches("tokenizer\\.(json|model)"));
    if (config.vocabulary() != ByteTokenizer.VOCABULARY || !others.isEmpty()) {
      throw new StoreException(
          ("%s: the vocabulary has %d ids and its tokenizer is %s; read are only byte-level models:"
                  + " %d ids and no tokenizer file")
              .formatted(folder, config.vocabulary(), others, ByteTokenizer.VOCABULARY));
    }
    return new ByteTokenizer();
  }
}
