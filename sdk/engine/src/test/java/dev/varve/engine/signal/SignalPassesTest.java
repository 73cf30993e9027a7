package dev.varve.engine.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.engine.BundledModel;
import dev.varve.engine.CacheSession;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.engine.LlamaModel;
import dev.varve.engine.StepSource;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.store.Dtype;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignalPassesTest {

  @TempDir Path folder;

  private static void feed(LlamaDecoder decoder, KvSession session, int[] tokens) {
    int position = session.length();
    try (StepSource.Step step = new CacheSession(session).begin(tokens, true)) {
      decoder.step(tokens, position, Logits.NONE, step);
      step.end();
    }
  }

  @Test
  void aRepetitionLetsKvzipDecideAndLeavesTheSessionWhereItWas() {
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder));
        KvCache cache =
            KvCache.open(
                CacheConfig.of(model.modelShape(Dtype.F16), "bundled").hot(64 << 20).build())) {
      LlamaDecoder decoder = new LlamaDecoder(model);
      int[] tokens =
          model.tokenizer().encode("The key is 4719. Nothing else here is worth a thought. ");
      EvictionForgetting kvzip = EvictionForgetting.parse("kvzip(budget=0.5)").signalled();
      try (KvSession session = cache.openSession(Tenant.NONE, kvzip)) {
        feed(decoder, session, tokens);
        assertThat(session.usage().forgot()).isFalse();
        new SignalPasses(decoder).repeat(session, 20, 4);
        assertThat(session.length()).isEqualTo(tokens.length);
        assertThat(session.forget()).isTrue();
        assertThat(session.usage().rows()).isEqualTo(12L * (tokens.length / 2));
        feed(decoder, session, model.tokenizer().encode("So the key is"));
        assertThat(session.forgettingFailure()).isEmpty();
        assertThatThrownBy(() -> new SignalPasses(decoder).repeat(session, 0, 4))
            .hasMessageContaining("chunk");
      }
      EvictionForgetting ahead =
          EvictionForgetting.parse("speckv(budget=24,window=8,lookahead=5)").signalled();
      try (KvSession session = cache.openSession(Tenant.NONE, ahead)) {
        feed(decoder, session, tokens);
        int[] draft = model.tokenizer().encode("4719.");
        assertThat(new SignalPasses(decoder).lookAhead(session, draft)).isTrue();
        assertThat(session.tokenIds()).isEqualTo(tokens);
        assertThat(session.usage().rows()).isEqualTo(12 * 24);
      }
    }
  }
}
