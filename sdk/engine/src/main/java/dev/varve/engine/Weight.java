package dev.varve.engine;

/**
 * The weights of a model, in the order of a llama2.c file. A matrix is {@code [outputs][inputs]}.
 */
enum Weight {
  EMBEDDING("model.embed_tokens.weight"),
  ATTENTION_NORM("model.layers.%d.input_layernorm.weight"),
  QUERY("model.layers.%d.self_attn.q_proj.weight"),
  KEY("model.layers.%d.self_attn.k_proj.weight"),
  VALUE("model.layers.%d.self_attn.v_proj.weight"),
  OUTPUT("model.layers.%d.self_attn.o_proj.weight"),
  FEED_FORWARD_NORM("model.layers.%d.post_attention_layernorm.weight"),
  GATE("model.layers.%d.mlp.gate_proj.weight"),
  DOWN("model.layers.%d.mlp.down_proj.weight"),
  UP("model.layers.%d.mlp.up_proj.weight"),
  FINAL_NORM("model.norm.weight"),
  CLASSIFIER("lm_head.weight");

  private final String pattern;

  Weight(String pattern) {
    this.pattern = pattern;
  }

  /** The name in Hugging Face checkpoints; the layer is ignored where there is one for all. */
  String name(int layer) {
    return pattern.formatted(layer);
  }

  /** How many of them the model has. */
  int count(LlamaConfig config) {
    return pattern.contains("%d") ? config.layers() : 1;
  }

  /** Whether it is a vector, held as a matrix of one row. */
  boolean isVector() {
    return this == ATTENTION_NORM || this == FEED_FORWARD_NORM || this == FINAL_NORM;
  }

  int rows(LlamaConfig config) {
    return switch (this) {
      case EMBEDDING, CLASSIFIER -> config.vocabulary();
      case ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM -> 1;
      case QUERY -> config.queryWidth();
      case KEY, VALUE -> config.kvWidth();
      case OUTPUT, DOWN -> config.hidden();
      case GATE, UP -> config.feedForward();
    };
  }

  int columns(LlamaConfig config) {
    return switch (this) {
      case OUTPUT -> config.queryWidth();
      case DOWN -> config.feedForward();
      default -> config.hidden();
    };
  }
}
