package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine that computes on the processor, all but attention, which runs where its keys and values
 * lie: on a device.
 */
abstract class DeviceDecodingContract {
  private static final int SPAN = 32;
  private static final int PROMPT = 2 * SPAN + 3;
  private static final int WRITTEN = 12;

  @TempDir Path folder;

  /** The device. */
  abstract GpuConfig gpu();

  @Test
  void writesTheTextThatThePlainProcessorWrites() throws IOException {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder.resolve("model")))) {
      int[] prompt = model.tokenizer().encode(Models.heldOutText(1000, 1000 + PROMPT));
      ModelGeometry geometry = ModelGeometry.of(model.modelShape(Dtype.F16), SPAN);
      LlamaDecoder decoder = new LlamaDecoder(model, Backend.SCALAR);
      List<float[]> expected = new ArrayList<>();
      BlockedCache plain = new BlockedCache(geometry, Backend.SCALAR);
      int[] text = prompt;
      int from = 0;
      while (text.length <= PROMPT + WRITTEN) {
        int[] step = Arrays.copyOfRange(text, from, text.length);
        float[] logits = decoder.step(step, from, Logits.LAST, plain);
        expected.add(logits);
        from = text.length;
        text = Arrays.copyOf(text, from + 1);
        text[from] = largest(logits);
      }
      CacheConfig config =
          CacheConfig.of(geometry.shape(), model.modelIdentity())
              .blockTokens(SPAN)
              .hot(40 * geometry.largestBlock())
              .backend(Backend.SCALAR)
              .gpu(gpu())
              .build();
      try (KvCache cache = KvCache.open(config);
          KvSession session = cache.openSession()) {
        CacheSession there = new CacheSession(session);
        int at = 0;
        for (float[] logits : expected) {
          int end = at == 0 ? PROMPT : at + 1;
          int[] ids = Arrays.copyOfRange(text, at, end);
          try (StepSource.Step step = there.begin(ids, true)) {
            float[] found = decoder.step(ids, at, Logits.LAST, step);
            step.end();
            String what = "behind token " + (end - 1);
            assertThat(largest(found)).as(what).isEqualTo(largest(logits));
            for (int i = 0; i < found.length; i++) {
              assertThat(found[i]).as(what).isCloseTo(logits[i], within(0.01f));
            }
          }
          at = end;
        }
      }
    }
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
