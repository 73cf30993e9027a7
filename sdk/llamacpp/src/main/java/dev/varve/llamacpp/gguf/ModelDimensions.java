package dev.varve.llamacpp.gguf;

import dev.varve.llamacpp.LlamaException;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The attention of a model, as the metadata of its file gives it.
 *
 * @param architecture name that llama.cpp has for the kind of model
 * @param layers decoder layers
 * @param heads query heads of a layer
 * @param kvHeads KV heads of a layer
 * @param keyDim elements of a key
 * @param valueDim elements of a value
 * @param context tokens the model was made for
 * @param vocabulary tokens of its tokenizer
 * @param rope how keys are turned; stretched frequencies are told apart by the file's digest only
 */
public record ModelDimensions(
    String architecture,
    int layers,
    int heads,
    int kvHeads,
    int keyDim,
    int valueDim,
    int context,
    int vocabulary,
    RopeSpec rope) {

  /** Architectures whose every layer attends to all tokens and keeps all of them in the cache. */
  private static final Map<String, RopeSpec.Pairing> ARCHITECTURES =
      Map.of("llama", RopeSpec.Pairing.INTERLEAVED, "qwen2", RopeSpec.Pairing.HALVES);

  private static final int MOST = 1 << 24;
  private static final double DEFAULT_BASE = 10_000;
  private static final int TEXT_TYPE = 8;
  private static final int INT_TYPE = 5;
  private static final int FLOAT_TYPE = 6;

  /**
   * Reads the dimensions.
   *
   * @throws LlamaException if the architecture is not supported, or a number is missing or absurd
   */
  public static ModelDimensions of(GgufFile file) {
    String name =
        file.text("general.architecture")
            .orElseThrow(() ->
                new LlamaException(
                    file.path() + ": names no architecture: it is no model, or damaged"));
    RopeSpec.Pairing pairing = ARCHITECTURES.get(name);
    if (pairing == null) {
      throw new LlamaException(
          "%s: is of the architecture '%s', supported are %s"
              .formatted(
                  file.path(),
                  name,
                  String.join(" and ", ARCHITECTURES.keySet().stream().sorted().toList())));
    }
    Keys keys = new Keys(file, name);
    int heads = keys.whole("attention.head_count", Optional.empty());
    int kvHeads = keys.whole("attention.head_count_kv", Optional.of(heads));
    int hidden = keys.whole("embedding_length", Optional.empty());
    if (heads % kvHeads != 0 || hidden % heads != 0) {
      throw new LlamaException(
          "%s: has %d query heads over %d KV heads in a width of %d, which do not divide"
              .formatted(file.path(), heads, kvHeads, hidden));
    }
    int keyDim = keys.whole("attention.key_length", Optional.of(hidden / heads));
    int turned = keys.whole("rope.dimension_count", Optional.of(keyDim));
    double base = file.number(name + ".rope.freq_base").orElse(DEFAULT_BASE);
    if (turned > keyDim || turned % 2 != 0 || !(base > 0) || Double.isInfinite(base)) {
      throw new LlamaException(
          "%s: turns %d of %d dimensions with base %s"
              .formatted(file.path(), turned, keyDim, base));
    }
    return new ModelDimensions(
        name,
        keys.whole("block_count", Optional.empty()),
        heads,
        kvHeads,
        keyDim,
        keys.whole("attention.value_length", Optional.of(hidden / heads)),
        keys.whole("context_length", Optional.empty()),
        vocabulary(file),
        RopeSpec.of(turned, base, pairing));
  }

  /** The lists of the tokenizer must agree, for the engine reads them without looking. */
  private static int vocabulary(GgufFile file) {
    GgufValue.Many tokens =
        file.many("tokenizer.ggml.tokens")
            .filter(list -> list.type() == TEXT_TYPE && !list.values().isEmpty())
            .orElseThrow(() -> new LlamaException(file.path() + ": has no list of tokens"));
    int count = tokens.values().size();
    requireList(file, "tokenizer.ggml.token_type", INT_TYPE, OptionalInt.of(count));
    requireList(file, "tokenizer.ggml.scores", FLOAT_TYPE, OptionalInt.of(count));
    requireList(file, "tokenizer.ggml.merges", TEXT_TYPE, OptionalInt.empty());
    return count;
  }

  private static void requireList(GgufFile file, String key, int type, OptionalInt count) {
    if (!file.values().containsKey(key)) {
      return;
    }
    boolean right =
        file.many(key)
            .filter(list -> list.type() == type)
            .filter(list -> count.isEmpty() || list.values().size() == count.getAsInt())
            .isPresent();
    if (!right) {
      throw new LlamaException(
          "%s: '%s' is not the list that the tokens need".formatted(file.path(), key));
    }
  }

  /** What every layer puts into a cache. */
  public LayerShape layer() {
    float scale = (float) (1 / Math.sqrt(keyDim));
    return new LayerShape(
        heads, kvHeads, keyDim, valueDim, scale, 0, rope, 0, false, OptionalInt.empty());
  }

  /** Numbers of one architecture. */
  private record Keys(GgufFile file, String architecture) {

    int whole(String key, Optional<Integer> otherwise) {
      String full = architecture + "." + key;
      if (!file.values().containsKey(full) && otherwise.isPresent()) {
        return otherwise.get();
      }
      double value = file.number(full).orElse(Double.NaN);
      int most = key.equals("block_count") ? ModelShape.MAX_LAYERS : MOST;
      if (!(value >= 1 && value <= most) || value != Math.rint(value)) {
        throw new LlamaException(
            "%s: '%s' must be a whole number from 1 to %d: %s"
                .formatted(file.path(), full, most, file.values().get(full)));
      }
      return (int) value;
    }
  }
}
