package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CacheSessionTest {

  private static final int SPAN = 32;
  private static final int LENGTH = 512;

  @TempDir Path folder;

  /**
   * byte-llama has 6 layers: 512 tokens are 96 blocks, of which the hot tier holds 9, a tenth: six
   * that grow, one where far blocks land, and two more.
   */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void decodesBitForBitAsAPlainCacheWithATenthOfTheWorkingSetHot(Backend backend)
      throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder.resolve("model")))) {
      int[] text = model.tokenizer().encode(Models.heldOutText(1000, 1000 + LENGTH));
      ModelGeometry geometry = ModelGeometry.of(model.modelShape(Dtype.F16), SPAN);
      LlamaDecoder decoder = new LlamaDecoder(model, backend);
      BlockedCache plain = new BlockedCache(geometry, backend);
      float[] expected = decoder.step(text, 0, Logits.ALL, plain);

      long block = geometry.largestBlock();
      CacheConfig config =
          CacheConfig.of(geometry.shape(), model.modelIdentity())
              .blockTokens(SPAN)
              .hot(9 * block)
              .host(30 * (block + 4096))
              .ssd(folder.resolve("store"), 64 << 20)
              .backend(backend)
              .build();
      try (KvCache cache = KvCache.open(config);
          KvSession session = cache.openSession()) {
        float[] logits = decode(decoder, new CacheSession(session), text, 0, SPAN);
        assertThat(logits).isEqualTo(expected);
        assertThat(cache.stats().tier(Tier.SSD).reads()).isPositive();
        assertThat(cache.stats().tier(Tier.HOT).capacityBytes()).isEqualTo(9 * block);
      }
      try (KvCache cache = KvCache.open(config);
          KvSession session = cache.openSession()) {
        assertThat(session.reuse(text)).isEqualTo(LENGTH - 1);
        session.truncate(450);
        float[] logits = decode(decoder, new CacheSession(session), text, 450, 10);
        assertThat(logits).isEqualTo(Arrays.copyOfRange(expected, 450 * 256, LENGTH * 256));
      }
    }
  }

  @Test
  void tellsTheReferenceStoryThroughTheSdk() throws IOException {
    try (LlamaModel model = LlamaModel.open(Models.stories())) {
      ModelShape shape = model.modelShape(Dtype.F32);
      CacheConfig config =
          CacheConfig.of(shape, model.modelIdentity())
              .blockTokens(SPAN)
              .hot(1 << 20)
              .host(1 << 20)
              .build();
      List<Integer> ids = new ArrayList<>(List.of(1));
      try (KvCache cache = KvCache.open(config);
          KvSession session = cache.openSession()) {
        Generator generator = new Generator(new LlamaDecoder(model), new CacheSession(session), 16);
        generator.generate(model.tokenizer().encode(""), 256, Sampler.greedy(), ids::add);
      }
      int[] story = ids.stream().mapToInt(Integer::intValue).toArray();
      assertThat(model.tokenizer().decode(story)).isEqualTo(Models.storyText());
    }
  }

  private static float[] decode(
      LlamaDecoder decoder, CacheSession session, int[] text, int from, int chunk) {
    float[] logits = new float[(text.length - from) * 256];
    for (int at = from; at < text.length; at += chunk) {
      int[] part = Arrays.copyOfRange(text, at, Math.min(text.length, at + chunk));
      try (StepSource.Step step = session.begin(part, false)) {
        float[] rows = decoder.step(part, at, Logits.ALL, step);
        System.arraycopy(rows, 0, logits, (at - from) * 256, rows.length);
        step.end();
      }
    }
    return logits;
  }
}
