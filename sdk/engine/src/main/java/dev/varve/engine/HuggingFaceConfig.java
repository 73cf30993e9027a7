package dev.varve.engine;

import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Scaling;
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
    demand("model_type", "\"llama\"", "null");
    demand("hidden_act", "\"silu\"", "\"silu\"");
    demand("attention_bias", "false", "false");
    demand("mlp_bias", "false", "false");
    demand("sliding_window", "null", "null");
    demand("quantization_config", "null", "null");
    int hidden = integer("hidden_size", 0);
    int heads = integer("num_attention_heads", 0);
    int headDim = integer("head_dim", heads < 1 ? 0 : hidden / heads);
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
        flag("tie_word_embeddings"));
  }

  private RopeSpec rope(int dims) {
    JsonNode rope =
        field(root, root.hasNonNull("rope_scaling") ? "rope_scaling" : "rope_parameters");
    for (JsonNode node : new JsonNode[] {root, rope}) {
      double turned = number(node, "partial_rotary_factor", 1);
      if (turned != 1) {
        throw new IllegalArgumentException(
            "'partial_rotary_factor' is " + turned + "; this engine computes only 1");
      }
    }
    double theta = number(root, "rope_theta", number(rope, "rope_theta", 10000));
    JsonNode type = field(rope, rope.hasNonNull("rope_type") ? "rope_type" : "type");
    Scaling scaling =
        switch (type.isString() ? type.stringValue() : type.isMissingNode() ? "default" : "") {
          case "default" -> new Scaling.None();
          case "linear" -> new Scaling.Linear(number(rope, "factor", 0));
          case "llama3" ->
              new Scaling.Llama3(
                  number(rope, "factor", 0),
                  number(rope, "low_freq_factor", 0),
                  number(rope, "high_freq_factor", 0),
                  (int) number(rope, "original_max_position_embeddings", 0));
          default ->
              throw new IllegalArgumentException(
                  "the rope type is " + type + "; computed are default, linear and llama3");
        };
    var pairing = RopeSpec.Pairing.HALVES;
    return new RopeSpec(dims, theta, pairing, RopeSpec.Stored.POST_ROPE, scaling);
  }

  /** The field, or a missing node where it is absent or null. */
  private static JsonNode field(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.path(name) : MissingNode.getInstance();
  }

  private void demand(String name, String computed, String otherwise) {
    JsonNode value = field(root, name);
    String text = value.isMissingNode() ? otherwise : value.toString();
    if (!text.equals(computed)) {
      throw new IllegalArgumentException(
          "'" + name + "' is " + text + "; this engine computes only " + computed);
    }
  }

  private boolean flag(String name) {
    JsonNode value = field(root, name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw new IllegalArgumentException("'" + name + "' must be true or false: " + value);
    }
    return value.isBoolean() && value.booleanValue();
  }

  private int integer(String name, int otherwise) {
    JsonNode value = field(root, name);
    if (value.isMissingNode() && otherwise > 0) {
      return otherwise;
    }
    if (!value.isInt()) {
      throw new IllegalArgumentException("'" + name + "' must be a whole number: " + value);
    }
    return value.intValue();
  }

  private static double number(JsonNode node, String name, double otherwise) {
    JsonNode value = field(node, name);
    double number = value.isNumber() ? value.doubleValue() : otherwise;
    if (!(number > 0 && number < 1e18) || !(value.isNumber() || value.isMissingNode())) {
      throw new IllegalArgumentException("'" + name + "' must be a number above 0: " + value);
    }
    return number;
  }
}
