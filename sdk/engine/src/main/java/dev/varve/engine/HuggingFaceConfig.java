package dev.varve.engine;

import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Scaling;
import dev.varve.store.RopeSpec.Stored;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Reads {@code config.json}; refuses what the decoder does not compute. */
record HuggingFaceConfig(Path path, JsonNode root) {

  static LlamaConfig read(Path path) {
    try {
      return new HuggingFaceConfig(path, json(path)).config();
    } catch (IllegalArgumentException e) {
      throw new StoreException(path + ": " + e.getMessage(), e);
    }
  }

  /** Parses a file that holds a JSON object. */
  static JsonNode json(Path path) {
    try {
      JsonNode node = JsonMapper.shared().readTree(Files.readAllBytes(path));
      if (node.isObject()) {
        return node;
      }
      throw new StoreException(path + ": is not a JSON object");
    } catch (IOException | JacksonException e) {
      throw new StoreException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private LlamaConfig config() {
    fixed("model_type", "\"llama\"", "null");
    fixed("hidden_act", "\"silu\"", "\"silu\"");
    fixed("attention_bias", "false", "false");
    fixed("mlp_bias", "false", "false");
    fixed("sliding_window", "null", "null");
    fixed("quantization_config", "null", "null");
    JsonNode tied = field(root, "tie_word_embeddings");
    require(tied.isMissingNode() || tied.isBoolean(), "tie_word_embeddings", "a boolean", tied);
    int hidden = integer("hidden_size", 0);
    int heads = integer("num_attention_heads", 0);
    require(heads > 0, "num_attention_heads", "at least 1", heads);
    int headDim = integer("head_dim", hidden / heads);
    return new LlamaConfig(
        integer("num_hidden_layers", 0),
        hidden,
        integer("intermediate_size", 0),
        heads,
        integer("num_key_value_heads", heads),
        headDim,
        integer("vocab_size", 0),
        integer("max_position_embeddings", 2048),
        (float) number(root, "rms_norm_eps", 1e-6),
        rope(headDim),
        tied.asBoolean(false));
  }

  private RopeSpec rope(int dims) {
    JsonNode rope =
        field(root, root.hasNonNull("rope_scaling") ? "rope_scaling" : "rope_parameters");
    for (JsonNode node : new JsonNode[] {root, rope}) {
      double part = number(node, "partial_rotary_factor", 1);
      require(part == 1, "partial_rotary_factor", "1 for this engine", part);
    }
    double theta = number(root, "rope_theta", number(rope, "rope_theta", 10000));
    JsonNode type = field(rope, rope.hasNonNull("rope_type") ? "rope_type" : "type");
    Scaling scaling =
        switch (type.isMissingNode() ? "\"default\"" : type.toString()) {
          case "\"default\"" -> new Scaling.None();
          case "\"linear\"" -> new Scaling.Linear(number(rope, "factor", 0));
          case "\"llama3\"" ->
              new Scaling.Llama3(
                  number(rope, "factor", 0),
                  number(rope, "low_freq_factor", 0),
                  number(rope, "high_freq_factor", 0),
                  (int) number(rope, "original_max_position_embeddings", 0));
          default ->
              throw new IllegalArgumentException(
                  "'rope_type' must be default, linear or llama3 for this engine: " + type);
        };
    return new RopeSpec(dims, theta, Pairing.HALVES, Stored.POST_ROPE, scaling);
  }

  /** The field, or a missing node where it is absent or null. */
  private static JsonNode field(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.path(name) : MissingNode.getInstance();
  }

  private static void require(boolean sound, String name, String need, Object value) {
    if (!sound) {
      throw new IllegalArgumentException("'" + name + "' must be " + need + ": " + value);
    }
  }

  private void fixed(String name, String computed, String otherwise) {
    JsonNode value = field(root, name);
    String text = value.isMissingNode() ? otherwise : value.toString();
    require(text.equals(computed), name, computed + " for this engine", text);
  }

  private int integer(String name, int otherwise) {
    JsonNode value = field(root, name);
    boolean given = !value.isMissingNode() || otherwise <= 0;
    require(!given || value.isInt(), name, "a whole number", value);
    return given ? value.intValue() : otherwise;
  }

  private static double number(JsonNode node, String name, double otherwise) {
    JsonNode value = field(node, name);
    double number = value.isMissingNode() ? otherwise : value.isNumber() ? value.doubleValue() : 0;
    require(number > 0 && number < 1e18, name, "a number above 0", value);
    return number;
  }
}
