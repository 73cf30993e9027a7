package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.store.Dtype;
import dev.varve.store.ModelShape;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaDecoderTest {

  @TempDir Path folder;

  /** The losses are those of a float64 forward pass of the same weights. */
  @ParameterizedTest
  @CsvSource({"0, 1.35833", "62, 1.11980", "1024, 1.16538"})
  void predictsHeldOutProseAsWellAsADoublePrecisionPass(int from, double loss) throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder))) {
      int[] text = model.tokenizer().encode(Models.heldOutText(from, from + 512));
      float[] logits =
          new LlamaDecoder(model).step(text, 0, Logits.ALL, new PlainCache(shape(model)));
      double sum = 0;
      for (int t = 0; t + 1 < text.length; t++) {
        sum += loss(logits, t * 256, text[t + 1]);
      }
      assertThat(sum / (text.length - 1)).isCloseTo(loss, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesTheSameBitsWhateverTheChunks(long seed) throws IOException {
    Random random = new Random(seed);
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder))) {
      int[] text = model.tokenizer().encode(Models.heldOutText(100, 200));
      LlamaDecoder decoder = new LlamaDecoder(model);
      float[] whole = decoder.step(text, 0, Logits.ALL, new PlainCache(shape(model)));
      PlainCache cache = new PlainCache(shape(model));
      for (int from = 0; from < text.length; ) {
        int to = Math.min(text.length, from + 1 + random.nextInt(seed == 1 ? 1 : 33));
        float[] chunk = decoder.step(Arrays.copyOfRange(text, from, to), from, Logits.ALL, cache);
        assertThat(chunk)
            .as("seed %d, tokens %d to %d", seed, from, to)
            .isEqualTo(Arrays.copyOfRange(whole, from * 256, to * 256));
        from = to;
      }
    }
  }

  @Test
  void givesTheSameBitsOnTwoWorkers() throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder));
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      int[] text = model.tokenizer().encode(Models.heldOutText(100, 140));
      float[] alone =
          new LlamaDecoder(model).step(text, 0, Logits.ALL, new PlainCache(shape(model)));
      float[] together =
          new LlamaDecoder(model, executor, 3)
              .step(text, 0, Logits.ALL, new PlainCache(shape(model)));
      assertThat(together).isEqualTo(alone);
    }
  }

  @Test
  void givesOnlyTheLogitsAskedFor() throws IOException {
    try (LlamaModel model = LlamaModel.open(tiny(1, TensorType.F32))) {
      LlamaDecoder decoder = new LlamaDecoder(model);
      int[] tokens = {7, 200, 31};
      float[] all = decoder.step(tokens, 0, Logits.ALL, new PlainCache(shape(model)));
      float[] last = decoder.step(tokens, 0, Logits.LAST, new PlainCache(shape(model)));
      float[] none = decoder.step(tokens, 0, Logits.NONE, new PlainCache(shape(model)));
      assertThat(all).hasSize(3 * 256);
      assertThat(last).isEqualTo(Arrays.copyOfRange(all, 2 * 256, 3 * 256));
      assertThat(none).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void bothPairingsOfOneModelAgree(long seed) throws IOException {
    Path halves = tiny(seed, TensorType.F32);
    LlamaConfig config = HuggingFaceConfig.read(halves.resolve("config.json"));
    Path folder2 = Files.createDirectory(folder.resolve("interleaved"));
    LlamaConfig wide = withVocabulary(config, 260);
    Map<String, float[]> weights = Models.randomWeights(config, seed);
    for (String name : new String[] {"model.embed_tokens.weight", "lm_head.weight"}) {
      weights.put(name, Arrays.copyOf(weights.get(name), 260 * config.hidden()));
    }
    Path file = Models.writeLlama2c(folder2.resolve("m.bin"), wide, weights);
    Models.writeTokenizer(folder2.resolve("tok.bin"), "x");
    try (LlamaModel a = LlamaModel.open(halves);
        LlamaModel b = LlamaModel.open(file)) {
      int[] tokens = new Random(seed).ints(40, 0, 256).toArray();
      float[] first = step(a, tokens);
      float[] second = Arrays.copyOf(step(b, tokens), 256);
      assertThat(second).as("seed %d", seed).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"F16", "BF16"})
  void narrowWeightsComeCloseToWideOnes(TensorType type) throws IOException {
    try (LlamaModel wide = LlamaModel.open(tiny(5, TensorType.F32))) {
      try (LlamaModel narrow = LlamaModel.open(tiny(5, type))) {
        int[] tokens = {1, 2, 3, 4, 5};
        float[] a = step(wide, tokens);
        float[] b = step(narrow, tokens);
        assertThat(b).isNotEqualTo(a);
        for (int i = 0; i < a.length; i++) {
          assertThat(b[i]).as("logit %d", i).isCloseTo(a[i], within(0.6f));
        }
      }
    }
  }

  @Test
  void aTiedClassifierIsTheEmbedding() throws IOException {
    LlamaConfig config = HuggingFaceConfig.read(tiny(9, TensorType.F32).resolve("config.json"));
    Map<String, float[]> weights = new HashMap<>(Models.randomWeights(config, 9));
    weights.put("lm_head.weight", weights.get("model.embed_tokens.weight"));
    Path untied = Models.write(folder.resolve("u"), Models.TINY, weights, TensorType.F32);
    weights.remove("lm_head.weight");
    String json = Models.TINY.replace("false", "true");
    Path tied = Models.write(folder.resolve("t"), json, weights, TensorType.F32);
    try (LlamaModel a = LlamaModel.open(untied);
        LlamaModel b = LlamaModel.open(tied)) {
      assertThat(b.config().tied()).isTrue();
      assertThat(step(b, new int[] {65, 66})).isEqualTo(step(a, new int[] {65, 66}));
    }
  }

  @Test
  void refusesTokensAndPositionsOutsideTheModel() throws IOException {
    try (LlamaModel model = LlamaModel.open(tiny(1, TensorType.F32))) {
      LlamaDecoder decoder = new LlamaDecoder(model);
      PlainCache cache = new PlainCache(shape(model));
      assertThatThrownBy(() -> decoder.step(new int[0], 0, Logits.ALL, cache))
          .hasMessage("tokens of a step must be at least 1: 0");
      assertThatThrownBy(() -> decoder.step(new int[] {256}, 0, Logits.ALL, cache))
          .hasMessage("token id must lie between 0 and 255: 256");
      assertThatThrownBy(() -> decoder.step(new int[] {1, 2}, 63, Logits.ALL, cache))
          .hasMessage("position of a step of 2 tokens must lie between 0 and 62: 63");
      assertThat(cache.length()).isZero();
    }
  }

  @Test
  void aWorkerThatFailsIsReported() throws IOException {
    try (LlamaModel model = LlamaModel.open(tiny(1, TensorType.F32));
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      RowMultiply broken =
          (weights, from, to, x, tokens, out) -> {
            throw new IllegalArgumentException("row " + from);
          };
      Matrix matrix = model.weight(Weight.CLASSIFIER, 0);
      float[] x = new float[12 * 100];
      float[] out = new float[256 * 100];
      RowMultiply rows = new ParallelRows(broken, executor, 2);
      assertThatThrownBy(() -> rows.multiply(matrix, 0, 256, x, 100, out))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("row 0");
    }
  }

  private static float[] step(LlamaModel model, int[] tokens) {
    return new LlamaDecoder(model).step(tokens, 0, Logits.LAST, new PlainCache(shape(model)));
  }

  private static LlamaConfig withVocabulary(LlamaConfig c, int vocabulary) {
    return new LlamaConfig(
        c.layers(),
        c.hidden(),
        c.feedForward(),
        c.heads(),
        c.kvHeads(),
        c.headDim(),
        vocabulary,
        c.context(),
        c.normEpsilon(),
        c.rope(),
        c.tied());
  }

  private Path tiny(long seed, TensorType type) throws IOException {
    Path target = folder.resolve("tiny-" + type);
    Files.createDirectories(target);
    Path json = Files.writeString(target.resolve("config.json"), Models.TINY);
    var weights = Models.randomWeights(HuggingFaceConfig.read(json), seed);
    return Models.write(target, Models.TINY, weights, type);
  }

  private static ModelShape shape(LlamaModel model) {
    return model.modelShape(Dtype.F32);
  }

  private static double loss(float[] logits, int at, int next) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < 256; i++) {
      largest = Math.max(largest, logits[at + i]);
    }
    double sum = 0;
    for (int i = 0; i < 256; i++) {
      sum += Math.exp(logits[at + i] - largest);
    }
    return largest + Math.log(sum) - logits[at + next];
  }
}
