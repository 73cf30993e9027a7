package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SDK as the only KV cache of the engine. */
class CacheSessionTest {
  private static final int BLOCK = 32;
  private static final long ROOMY = 64L << 20;

  @TempDir Path folder;

  @Test
  void writesTheStoryThatTheReferenceProgramPrints() throws IOException {
    String page = Files.readString(Models.resource("stories260K/stories260K.md"));
    int begin = page.indexOf("Once upon a time");
    String story = page.substring(begin, page.indexOf("\n```", begin));
    try (LlamaModel model = LlamaModel.open(Models.stories());
        KvCache cache = KvCache.open(allHot(model))) {
      List<Integer> ids = new ArrayList<>(List.of(1));
      ids.addAll(generate(model, cache, model.tokenizer().encode(""), 256));
      int[] tokens = ids.stream().mapToInt(Integer::intValue).toArray();
      assertThat(model.tokenizer().decode(tokens)).isEqualTo(story);
    }
  }

  @Test
  void generatesTheTokensOfAPlainCacheWithStories() {
    try (LlamaModel model = LlamaModel.open(Models.stories());
        KvCache cache = KvCache.open(allHot(model))) {
      int[] prompt = model.tokenizer().encode("Once upon a time, Tom had a dog");
      assertThat(generate(model, cache, prompt, 100)).isEqualTo(plain(model, prompt, 100));
    }
  }

  @Test
  void generatesTheTokensOfAPlainCacheWithByteLlama() throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder.resolve("model")));
        KvCache cache = KvCache.open(allHot(model))) {
      int[] prompt = model.tokenizer().encode(Models.heldOutText(1000, 1200));
      assertThat(generate(model, cache, prompt, 24)).isEqualTo(plain(model, prompt, 24));
    }
  }

  @Test
  void aHotTierOfATenthGivesTheSameBits() throws IOException {
    try (LlamaModel model = LlamaModel.open(Models.stories())) {
      int[] tokens = story(model, 500);
      float[] near;
      try (KvCache cache = KvCache.open(allHot(model))) {
        near = logits(model, cache, tokens);
      }
      try (KvCache cache = KvCache.open(small(model, tokens.length))) {
        assertThat(logits(model, cache, tokens)).isEqualTo(near);
        assertThat(cache.stats().tier(Tier.HOST).reads()).isPositive();
        assertThat(cache.stats().tier(Tier.SSD).reads()).isPositive();
      }
    }
  }

  @Test
  void aSecondCacheOnTheSameFolderReusesThePrefixAndGivesTheSameBits() throws IOException {
    try (LlamaModel model = LlamaModel.open(Models.stories())) {
      int[] tokens = story(model, 400);
      float[] cold;
      try (KvCache cache = KvCache.open(small(model, tokens.length))) {
        cold = logits(model, cache, tokens);
      }
      try (KvCache cache = KvCache.open(small(model, tokens.length));
          KvSession session = cache.openSession()) {
        CacheSession warm = new CacheSession(session);
        int reused = warm.reuse(tokens);
        assertThat(reused).isEqualTo(tokens.length / BLOCK * BLOCK);
        float[] all = run(model, warm, tokens, reused);
        int width = model.config().vocabulary();
        assertThat(all).isEqualTo(Arrays.copyOfRange(cold, reused * width, cold.length));
      }
    }
  }

  /** Logits of every token, from prefill steps of a block and single tokens at the end. */
  private static float[] logits(LlamaModel model, KvCache cache, int[] tokens) {
    try (KvSession session = cache.openSession()) {
      CacheSession steps = new CacheSession(session);
      float[] logits = run(model, steps, tokens, 0);
      steps.endTurn();
      return logits;
    }
  }

  private static float[] run(LlamaModel model, CacheSession session, int[] tokens, int from) {
    LlamaDecoder decoder = new LlamaDecoder(model);
    int width = model.config().vocabulary();
    float[] logits = new float[(tokens.length - from) * width];
    int at = from;
    while (at < tokens.length) {
      int count = tokens.length - at > BLOCK ? BLOCK - at % BLOCK : 1;
      int[] part = Arrays.copyOfRange(tokens, at, at + count);
      try (StepSource.Step step = session.begin(part, at + count == tokens.length)) {
        float[] rows = decoder.step(part, at, Logits.ALL, step);
        step.end();
        System.arraycopy(rows, 0, logits, (at - from) * width, rows.length);
      }
      at += count;
    }
    return logits;
  }

  private static List<Integer> generate(LlamaModel model, KvCache cache, int[] prompt, int most) {
    try (KvSession session = cache.openSession()) {
      return generate(model, new CacheSession(session), prompt, most);
    }
  }

  private static List<Integer> plain(LlamaModel model, int[] prompt, int most) {
    PlainCache cache = new PlainCache(model.modelShape(Dtype.F32));
    return generate(model, new PlainSteps(cache, 0), prompt, most);
  }

  private static List<Integer> generate(
      LlamaModel model, StepSource session, int[] prompt, int most) {
    List<Integer> ids = new ArrayList<>();
    new Generator(new LlamaDecoder(model), session, BLOCK)
        .generate(prompt, most, Sampler.greedy(), ids::add);
    assertThat(ids).isNotEmpty();
    return ids;
  }

  private static int[] story(LlamaModel model, int length) throws IOException {
    return Arrays.copyOf(model.tokenizer().encode(Models.heldOutText(0, 3000)), length);
  }

  private static CacheConfig allHot(LlamaModel model) {
    return CacheConfig.of(model.modelShape(Dtype.F32), "model")
        .blockTokens(BLOCK)
        .hot(ROOMY)
        .build();
  }

  /** Hot slots for a tenth of the sealed blocks; never fewer than a step needs. */
  private CacheConfig small(LlamaModel model, int tokens) {
    ModelGeometry geometry = ModelGeometry.of(model.modelShape(Dtype.F32), BLOCK);
    int layers = geometry.owningLayers();
    long slots = Math.max(layers + 2, tokens / BLOCK * layers / 10);
    long slotBytes = (geometry.largestBlock() + 4095) & -4096;
    return CacheConfig.of(geometry.shape(), "model")
        .blockTokens(BLOCK)
        .hot(slots * slotBytes)
        .host(20 * slotBytes)
        .ssd(folder.resolve("store"), 64L << 20)
        .build();
  }
}
