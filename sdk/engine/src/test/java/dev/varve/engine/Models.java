package dev.varve.engine;

import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Models of the tests: the real ones, and tiny random ones written as files. */
final class Models {

  /** 2 layers, 3 query heads over 1 KV head of 4 elements, all 256 bytes. */
  static final String TINY =
      """
      {"model_type": "llama", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2,
       "num_attention_heads": 3, "num_key_value_heads": 1, "max_position_embeddings": 64,
       "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "tie_word_embeddings": false,
       "vocab_size": 256, "bos_token_id": null, "eos_token_id": null}
      """;

  private Models() {}

  static Path stories() {
    return resource("stories260K/stories260K.bin");
  }

  static Path resource(String name) {
    try {
      return Path.of(Models.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The greedy text that the reference program prints for stories260K. */
  static String storyText() throws IOException {
    String page = Files.readString(resource("stories260K/stories260K.md"));
    int begin = page.indexOf("Once upon a time");
    return page.substring(begin, page.indexOf("\n```", begin));
  }

  static String heldOutText(int from, int to) throws IOException {
    try (InputStream in = Files.newInputStream(resource("sense-and-sensibility.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).substring(from, to);
    }
  }

  /** Random weights for a configuration, by the names of Hugging Face. */
  static Map<String, float[]> randomWeights(LlamaConfig config, long seed) {
    Random random = new Random(seed);
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (Weight weight : Weight.values()) {
      for (int layer = 0; layer < weight.count(config); layer++) {
        float[] values = new float[weight.rows(config) * weight.columns(config)];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian() * 0.4f + (weight.isVector() ? 1 : 0);
        }
        weights.put(weight.name(layer), values);
      }
    }
    return weights;
  }

  /** Writes {@code config.json} and one file of weights. */
  static Path write(Path folder, String json, Map<String, float[]> weights, TensorType type)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), json);
    LlamaConfig config = HuggingFaceConfig.read(folder.resolve("config.json"));
    writeShard(folder.resolve("model.safetensors"), config, weights, type);
    return folder;
  }

  static void writeShard(
      Path file, LlamaConfig config, Map<String, float[]> weights, TensorType type) {
    List<TensorSpec> specs = new ArrayList<>();
    weights.forEach((name, values) -> specs.add(spec(config, name, values.length, type)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), specs)) {
      weights.forEach((name, values) -> writer.append(name, encode(values, type)));
      writer.commit();
    }
  }

  private static TensorSpec spec(LlamaConfig config, String name, int length, TensorType type) {
    for (Weight weight : Weight.values()) {
      for (int layer = 0; layer < weight.count(config); layer++) {
        if (weight.name(layer).equals(name) && !weight.isVector()) {
          return TensorSpec.of(name, type, weight.rows(config), weight.columns(config));
        }
      }
    }
    return TensorSpec.of(name, type, length);
  }

  private static MemorySegment encode(float[] values, TensorType type) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F32 -> bytes.putFloat(value);
        case F16 -> bytes.putShort(Float.floatToFloat16(value));
        case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case I32 -> bytes.putInt((int) value);
        case I64 -> bytes.putLong((long) value);
        case U8 -> bytes.put((byte) value);
        default -> throw new IllegalArgumentException("not written here: " + type);
      }
    }
    return MemorySegment.ofArray(bytes.array());
  }

  /** The same weights as a llama2.c file: pairs of a head side by side. */
  static Path writeLlama2c(Path file, LlamaConfig config, Map<String, float[]> weights)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(config.hidden()).putInt(config.feedForward()).putInt(config.layers());
    bytes.putInt(config.heads()).putInt(config.kvHeads());
    bytes.putInt(config.tied() ? config.vocabulary() : -config.vocabulary());
    bytes.putInt(config.context());
    for (Weight weight : Weight.values()) {
      if (weight == Weight.CLASSIFIER) {
        for (int i = 0; i < config.context() * config.headDim(); i++) {
          bytes.putFloat(Float.NaN);
        }
        if (config.tied()) {
          break;
        }
      }
      for (int layer = 0; layer < weight.count(config); layer++) {
        boolean turned = weight == Weight.QUERY || weight == Weight.KEY;
        float[] values = Objects.requireNonNull(weights.get(weight.name(layer)));
        for (float value : turned ? interleave(values, config) : values) {
          bytes.putFloat(value);
        }
      }
    }
    byte[] written = new byte[bytes.position()];
    bytes.flip().get(written);
    return Files.write(file, written);
  }

  private static float[] interleave(float[] rows, LlamaConfig config) {
    float[] mixed = new float[rows.length];
    int width = config.hidden();
    int half = config.headDim() / 2;
    for (int row = 0; row < rows.length / width; row++) {
      int inHead = row % config.headDim();
      int target = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
      System.arraycopy(rows, row * width, mixed, target * width, width);
    }
    return mixed;
  }

  /** A llama2.c tokenizer whose tokens are the bytes and as many more as are asked for. */
  static Path writeTokenizer(Path file, String... more) throws IOException {
    List<byte[]> tokens = new ArrayList<>();
    for (String mark : new String[] {"<unk>", "\n<s>\n", "\n</s>\n"}) {
      tokens.add(mark.getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < 256; i++) {
      tokens.add("<0x%02X>".formatted(i).getBytes(StandardCharsets.UTF_8));
    }
    for (String text : more) {
      tokens.add(text.getBytes(StandardCharsets.UTF_8));
    }
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).putInt(99);
    for (byte[] token : tokens) {
      bytes.putFloat(-tokens.indexOf(token)).putInt(token.length).put(token);
    }
    byte[] written = new byte[bytes.position()];
    bytes.flip().get(written);
    return Files.write(file, written);
  }
}
