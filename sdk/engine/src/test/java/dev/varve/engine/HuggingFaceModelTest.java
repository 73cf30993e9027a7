package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceModelTest {

  @TempDir Path folder;

  private LlamaConfig config;
  private Map<String, float[]> weights;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("config.json"), Models.TINY);
    config = HuggingFaceConfig.read(folder.resolve("config.json"));
    weights = Models.randomWeights(config, 1);
    Models.write(folder, Models.TINY, weights, TensorType.F32);
  }

  @Test
  void readsTheDimensions() {
    try (LlamaModel model = LlamaModel.open(folder)) {
      RopeSpec rope = RopeSpec.of(4, 10000, RopeSpec.Pairing.HALVES);
      assertThat(model.config())
          .isEqualTo(new LlamaConfig(2, 12, 20, 3, 1, 4, 256, 64, 1e-5f, rope, false));
      assertThat(model.modelShape(Dtype.F16).layers()).hasSize(2);
      assertThat(model.modelShape(Dtype.F16).dtype()).isEqualTo(Dtype.F16);
      assertThat(model.tokenizer()).isInstanceOf(ByteTokenizer.class);
    }
  }

  @Test
  void loadsTheBundledModel() {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder))) {
      assertThat(model.config().headDim()).isEqualTo(64);
      assertThat(model.config().tied()).isTrue();
      assertThat(model.config().context()).isEqualTo(4096);
      assertThat(model.config().rope()).isEqualTo(RopeSpec.of(64, 100000, RopeSpec.Pairing.HALVES));
    }
  }

  @Test
  void loadsTheFileBesideItsConfiguration() {
    try (LlamaModel model = LlamaModel.open(folder.resolve("model.safetensors"))) {
      assertThat(model.config().hidden()).isEqualTo(12);
    }
  }

  @Test
  void identityFollowsWeightsAndConfiguration() throws IOException {
    String first = identity();
    assertThat(first).matches("[0-9a-f]{64}").isEqualTo(identity());
    weights.values().iterator().next()[0] += 1;
    Models.write(folder, Models.TINY, weights, TensorType.F32);
    String second = identity();
    Models.write(folder, Models.TINY.replace("1e-05", "1e-06"), weights, TensorType.F32);
    assertThat(second).isNotEqualTo(first).isNotEqualTo(identity());
  }

  @Test
  void loadsShardsWithAndWithoutAnIndex() throws IOException {
    final String whole = logits();
    Files.delete(folder.resolve("model.safetensors"));
    Map<String, float[]> first = new LinkedHashMap<>(weights);
    Map<String, float[]> second = new LinkedHashMap<>(weights);
    first.keySet().removeIf(name -> name.hashCode() % 2 == 0);
    second.keySet().removeAll(first.keySet());
    Models.writeShard(folder.resolve("a.safetensors"), config, first, TensorType.F32);
    Models.writeShard(folder.resolve("b.safetensors"), config, second, TensorType.F32);
    assertThat(logits()).isEqualTo(whole);
    Models.writeShard(folder.resolve("backup.safetensors"), config, weights, TensorType.F32);
    refuses("is also in another file");
    writeIndex("a.safetensors", "b.safetensors");
    assertThat(logits()).isEqualTo(whole);
    writeIndex("a.safetensors", "c.safetensors");
    refuses("names the missing file 'c.safetensors'");
    writeIndex("a.safetensors", "../b.safetensors");
    refuses("names the missing file '../b.safetensors'");
    writeIndex("a.safetensors", "a.safetensors");
    refuses("is missing, config.json needs one of");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "\"llama\"; \"qwen2\"; 'model_type' must be \"llama\" for this engine: \"qwen2\"",
        "\"model_type\": \"llama\",; ; 'model_type' must be \"llama\" for this engine: null",
        "\"vocab_size\": 256; \"vocab_size\": 300; the vocabulary has 300 ids",
        "\"vocab_size\": 256,; ; 'vocab_size' must be a whole number",
        "\"hidden_size\": 12; \"hidden_size\": \"12\"; 'hidden_size' must be a whole number:"
            + " \"12\"",
        "\"hidden_size\": 12; \"hidden_size\": 1.5; 'hidden_size' must be a whole number: 1.5",
        "\"num_attention_heads\": 3; \"num_attention_heads\": 0; 'num_attention_heads' must be at"
            + " least 1: 0",
        "\"num_hidden_layers\": 2; \"num_hidden_layers\": -1; layers must lie between 1 and 65535",
        "\"num_key_value_heads\": 1; \"num_key_value_heads\": 2; multiple of kvHeads: 3 over 2",
        "\"hidden_size\": 12; \"hidden_size\": 15; rope dims must be even and not negative: 5",
        "\"bos_token_id\": null; \"hidden_act\": \"gelu\"; 'hidden_act' must be \"silu\" for this"
            + " engine: \"gelu\"",
        "\"bos_token_id\": null; \"attention_bias\": true; 'attention_bias' must be false",
        "\"bos_token_id\": null; \"mlp_bias\": true; 'mlp_bias' must be false",
        "\"bos_token_id\": null; \"sliding_window\": 4096; 'sliding_window' must be null",
        "\"bos_token_id\": null; \"quantization_config\": {}; 'quantization_config' must be null",
        "\"bos_token_id\": null; \"partial_rotary_factor\": 0.5; 'partial_rotary_factor' must be 1",
        "\"rope_theta\": 10000.0; \"rope_theta\": 0; 'rope_theta' must be a number above 0: 0",
        "\"rope_theta\": 10000.0; \"rope_theta\": \"x\"; 'rope_theta' must be a number above 0",
        "\"bos_token_id\": null; \"rope_scaling\": {\"rope_type\": \"yarn\"}; 'rope_type' must be",
        "\"bos_token_id\": null; \"rope_scaling\": {\"type\": \"linear\"}; 'factor' must be a"
            + " number",
        "\"bos_token_id\": null; \"rope_scaling\": {\"type\": 3}; for this engine: 3",
        "\"tie_word_embeddings\": false; \"tie_word_embeddings\": 1; 'tie_word_embeddings'",
        "\"vocab_size\"; vocab_size; cannot be read",
      })
  void refusesAConfigurationItDoesNotCompute(String found, String put, String sentence)
      throws IOException {
    assertThat(Models.TINY).contains(found);
    Files.writeString(
        folder.resolve("config.json"), Models.TINY.replace(found, put == null ? "" : put));
    refuses(sentence);
  }

  @Test
  void readsEveryScalingItComputes() throws IOException {
    assertThat(scaling("\"rope_scaling\": null")).isEqualTo(new RopeSpec.Scaling.None());
    assertThat(scaling("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}"))
        .isEqualTo(new RopeSpec.Scaling.Linear(2));
    String llama3 =
        "{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0,"
            + " \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 8192}";
    RopeSpec.Scaling expected = new RopeSpec.Scaling.Llama3(8, 1, 4, 8192);
    assertThat(scaling("\"rope_scaling\": " + llama3)).isEqualTo(expected);
    assertThat(scaling("\"rope_parameters\": " + llama3)).isEqualTo(expected);
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    refuses("it is truncated");
  }

  @Test
  void namesTheTensorThatIsMissingOrOfAnotherShapeOrType() throws IOException {
    float[] norm = weights.remove("model.norm.weight");
    Models.write(folder, Models.TINY, weights, TensorType.F32);
    refuses(
        "tensor 'model.norm.weight' is missing, config.json needs one of [F32, F16, BF16] with"
            + " shape [12]");
    weights.put("model.norm.weight", new float[13]);
    Models.write(folder, Models.TINY, weights, TensorType.F32);
    refuses(
        "tensor 'model.norm.weight' is F32[13], config.json needs one of [F32, F16, BF16] with"
            + " shape [12]");
    weights.put("model.norm.weight", norm);
    Models.write(folder, Models.TINY, weights, TensorType.I32);
    refuses(
        "tensor 'model.embed_tokens.weight' is I32[256, 12], config.json needs one of [F32, F16,"
            + " BF16]");
  }

  @Test
  void refusesATokenizerItCannotRead() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    refuses("tokenizer.json");
  }

  @Test
  void refusesFoldersWithoutExactlyOneModel() throws IOException {
    Files.write(folder.resolve("other.bin"), new byte[0]);
    refuses("holds 2 models [config.json, other.bin]");
    Files.delete(folder.resolve("other.bin"));
    Files.delete(folder.resolve("model.safetensors"));
    refuses("holds a config.json but no *.safetensors");
    Files.delete(folder.resolve("config.json"));
    refuses("holds 0 models []");
  }

  @Test
  void refusesPathsThatAreNoModel() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "x");
    assertThatThrownBy(() -> LlamaModel.open(text)).hasMessageContaining("a model is a llama2.c");
    assertThatThrownBy(() -> LlamaModel.open(folder.resolve("none")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no such file or folder");
  }

  private void writeIndex(String first, String second) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"x\": \"%s\", \"y\": \"%s\"}}".formatted(first, second));
  }

  private RopeSpec.Scaling scaling(String field) throws IOException {
    Path json = folder.resolve("config.json");
    Files.writeString(json, Models.TINY.replace("\"bos_token_id\": null", field));
    return HuggingFaceConfig.read(json).rope().scaling();
  }

  private String identity() {
    try (LlamaModel model = LlamaModel.open(folder)) {
      return model.modelIdentity();
    }
  }

  private String logits() {
    try (LlamaModel model = LlamaModel.open(folder)) {
      PlainCache cache = new PlainCache(model.modelShape(Dtype.F32));
      int[] tokens = {1, 2, 3};
      float[] logits = new LlamaDecoder(model).step(tokens, 0, LlamaDecoder.Logits.LAST, cache);
      return Arrays.toString(logits);
    }
  }

  private void refuses(String sentence) {
    assertThatThrownBy(() -> LlamaModel.open(folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(sentence);
  }
}
