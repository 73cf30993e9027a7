package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that computes on the processor while its hot tier lies on a device. */
abstract class DeviceCacheContract {
  static final int SPAN = 32;
  private static final int LENGTH = 256;

  @TempDir Path folder;

  /** The device, and so much memory to pin. */
  abstract GpuConfig gpu(long pinnedBytes);

  @Test
  void decodesBitForBitAsAPlainCacheDoes() throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder.resolve("model")))) {
      int[] text = model.tokenizer().encode(Models.heldOutText(1000, 1000 + LENGTH));
      ModelGeometry geometry = ModelGeometry.of(model.modelShape(Dtype.F16), SPAN);
      LlamaDecoder decoder = new LlamaDecoder(model, Backend.SCALAR);
      float[] expected =
          decoder.step(text, 0, Logits.ALL, new BlockedCache(geometry, Backend.SCALAR));
      long block = geometry.largestBlock();
      CacheConfig config =
          CacheConfig.of(geometry.shape(), model.modelIdentity())
              .blockTokens(SPAN)
              .hot(20 * block)
              .host(60 * (block + 4096))
              .backend(Backend.SCALAR)
              .gpu(gpu(4 * block))
              .build();
      try (KvCache cache = KvCache.open(config)) {
        try (KvSession session = cache.openSession()) {
          assertThat(decode(decoder, session, text, 0, expected.length)).isEqualTo(expected);
        }
        assertThat(cache.stats().tier(Tier.HOST).writes()).isPositive();
        try (KvSession again = cache.openSession()) {
          int reused = again.reuse(text);
          assertThat(reused).isGreaterThan(LENGTH / 2);
          int known = reused * (expected.length / text.length);
          assertThat(decode(decoder, again, text, reused, expected.length - known))
              .isEqualTo(Arrays.copyOfRange(expected, known, expected.length));
        }
      }
    }
  }

  private static float[] decode(
      LlamaDecoder decoder, KvSession session, int[] text, int from, int count) {
    float[] logits = new float[count];
    CacheSession cache = new CacheSession(session);
    int written = 0;
    for (int at = from; at < text.length; at += SPAN) {
      int[] chunk = Arrays.copyOfRange(text, at, Math.min(text.length, at + SPAN));
      try (StepSource.Step step = cache.begin(chunk, false)) {
        float[] part = decoder.step(chunk, at, Logits.ALL, step);
        System.arraycopy(part, 0, logits, written, part.length);
        written += part.length;
        step.end();
      }
    }
    return logits;
  }
}
