package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.llamacpp.observe.LlamaEviction;
import dev.varve.llamacpp.observe.PromptObserver;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class LlamaEvictionTest {
  private static final int TOKENS = 200;

  @TempDir Path folder;
  private LlamaModel model;
  private LlamaContext context;
  private final int[] prompt = new SplittableRandom(9).ints(TOKENS, 0, 256).toArray();

  @BeforeEach
  void open() throws IOException {
    model = Native.library().openModel(SmallModel.write(folder.resolve("small.gguf"), 1));
    context = model.openContext(ContextOptions.of(512).observed());
  }

  @AfterEach
  void close() {
    context.close();
    model.close();
  }

  private static LlamaEviction eviction(String policy) {
    return LlamaEviction.of(EvictionPolicies.parse(policy), Backend.SCALAR);
  }

  @Test
  void seesTheKeysThatTheCacheHolds() {
    PromptObserver observer = new PromptObserver(model.dimensions(), 16);
    context.observe(Optional.of(observer));
    context.decode(prompt, Wanted.NONE);
    context.observe(Optional.empty());
    List<Observation> seen = observer.observations();
    assertThat(observer.tokens()).isEqualTo(TOKENS);
    assertThat(seen).hasSize(SmallModel.LAYERS);
    assertThat(seen.getFirst().queries().count()).isEqualTo(16);

    try (Arena arena = Arena.ofConfined()) {
      SequenceState state = context.state(0, TOKENS, arena);
      StateRows rows =
          new StateRows(
              state.layout(),
              CacheShape.of(model.dimensions(), context.options()).shape(),
              state.bytes(),
              arena);
      DtypeKernel f16 = DtypeKernel.of(Backend.SCALAR, Dtype.F16);
      Workspace workspace = new Workspace(Backend.SCALAR);
      float[] held = new float[SmallModel.DIM];
      float[] given = new float[SmallModel.DIM];
      for (int layer = 0; layer < SmallModel.LAYERS; layer++) {
        var tensors = rows.read(layer);
        for (int token = 0; token < TOKENS; token += 7) {
          for (int head = 0; head < SmallModel.KV_HEADS; head++) {
            long at = tensors.keys().offset(token, head);
            f16.load(tensors.keys().memory(), at, held, 0, held.length);
            workspace.load(seen.get(layer).keys(), head, token, 1, given);
            assertThat(given).containsExactly(held, within(0.01f));
            at = tensors.values().offset(token, head);
            f16.load(tensors.values().memory(), at, held, 0, held.length);
            workspace.load(seen.get(layer).values(), head, token, 1, given);
            assertThat(given).containsExactly(held, within(0.01f));
          }
        }
      }
    }
  }

  @Test
  void observingChangesNothing() {
    PromptObserver observer = new PromptObserver(model.dimensions(), Integer.MAX_VALUE);
    context.observe(Optional.of(observer));
    float[] observed = context.decode(prompt, Wanted.LAST);
    context.observe(Optional.empty());
    context.clear();
    assertThat(context.decode(prompt, Wanted.LAST)).isEqualTo(observed);
  }

  @Test
  void keepsTheBudgetOfEveryKindOfPolicy() {
    for (String policy :
        List.of(
            "snapkv(budget=64,window=16)",
            "h2o(budget=64)",
            "streamingllm(budget=64,sinks=4)",
            "tova(budget=0.32)",
            "knorm(budget=64)")) {
      context.clear();
      float[] logits = eviction(policy).prefill(context, prompt);
      assertThat(logits).as(policy).hasSize(256);
      assertThat(context.tokens()).as(policy).isEqualTo(64);
      assertThat(context.length()).isEqualTo(TOKENS);
      assertThat(context.decode(new int[] {3}, Wanted.LAST)).hasSize(256);
      assertThat(context.length()).isEqualTo(TOKENS + 1);
    }
  }

  @Test
  void keepsSinksAndTheNewestTokensAsStreamingLlmDoes() {
    eviction("streamingllm(budget=64,sinks=4)").prefill(context, prompt);
    int[] expected =
        IntStream.concat(IntStream.range(0, 4), IntStream.range(TOKENS - 60, TOKENS)).toArray();
    assertThat(context.positions()).isEqualTo(expected);
  }

  @Test
  void keepsEverythingWithinTheBudget() {
    eviction("snapkv(budget=500,window=16)").prefill(context, prompt);
    assertThat(context.tokens()).isEqualTo(TOKENS);
    assertThat(context.exactTokens()).isEqualTo(TOKENS);
  }

  @Test
  void refusesPoliciesThatTreatHeadsApart() {
    for (String policy :
        List.of("snapkv(budget=64,window=16)+ada", "pyramidkv(budget=64,window=16)")) {
      assertThatThrownBy(() -> eviction(policy))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be used in llama.cpp");
    }
  }

  @Test
  void refusesAContextThatIsNotEmptyOrNotObserved() {
    context.decode(prompt, Wanted.NONE);
    assertThatThrownBy(() -> eviction("h2o(budget=64)").prefill(context, prompt))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("the context holds 200: clear it");
    try (LlamaContext plain = model.openContext(ContextOptions.of(256))) {
      assertThatThrownBy(() -> eviction("h2o(budget=64)").prefill(plain, prompt))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("open it with observed()");
    }
  }
}
