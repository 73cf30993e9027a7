package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.Acceptance;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class LlamaPrefixCacheTest {
  private static final long SSD = 64L << 20;
  private static final ContextOptions OPTIONS = ContextOptions.of(1024);

  @TempDir Path folder;
  private LlamaModel model;
  private final int[] prompt = new SplittableRandom(5).ints(600, 0, 256).toArray();

  @BeforeEach
  void open() throws IOException {
    model = Native.library().openModel(SmallModel.write(folder.resolve("small.gguf"), 1));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private LlamaPrefixCache cache() {
    return LlamaPrefixCache.open(model, OPTIONS, folder.resolve("store"), SSD);
  }

  private static byte[] state(LlamaContext context, int tokens) {
    try (Arena arena = Arena.ofConfined()) {
      return context.state(0, tokens, arena).bytes().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void restoresAPromptToTheBit() {
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      Prefill cold = cache.prefill(context, prompt);
      assertThat(cold.reused()).isZero();
      assertThat(cold.computed()).isEqualTo(600);
      assertThat(cold.stored()).isEqualTo(512);
      byte[] computed = state(context, 600);

      Prefill warm = cache.prefill(context, prompt);
      assertThat(warm.reused()).isEqualTo(512);
      assertThat(warm.computed()).isEqualTo(88);
      assertThat(warm.logits()).isEqualTo(cold.logits());
      assertThat(state(context, 600)).isEqualTo(computed);
      assertThat(context.exactTokens()).isEqualTo(600);
    }
  }

  @Test
  void restoresAPromptOfWholeBlocks() {
    int[] whole = Arrays.copyOf(prompt, 512);
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      Prefill cold = cache.prefill(context, whole);
      Prefill warm = cache.prefill(context, whole);
      assertThat(cold.stored()).isEqualTo(512);
      assertThat(warm.reused()).isEqualTo(384);
      assertThat(warm.logits()).isEqualTo(cold.logits());
    }
  }

  @Test
  void sharesBlocksBetweenPromptsThatBeginAlike() {
    int[] other = prompt.clone();
    other[400] ^= 1;
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      cache.prefill(context, prompt);
      long before = cache.stats().tiers().getLast().blocks();
      float[] computed = context.decode(new int[] {1}, Wanted.LAST);

      Prefill second = cache.prefill(context, other);
      assertThat(second.reused()).isEqualTo(384);
      assertThat(second.stored()).isEqualTo(512);
      assertThat(cache.stats().tiers().getLast().blocks() - before).isEqualTo(SmallModel.LAYERS);
      context.clear();
      assertThat(context.decode(other, Wanted.LAST)).isEqualTo(second.logits());
      assertThat(computed).hasSize(256);
    }
  }

  @Test
  void findsBlocksAfterARestart() {
    float[] cold;
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      cold = cache.prefill(context, prompt).logits();
    }
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      Prefill warm = cache.prefill(context, prompt);
      assertThat(warm.reused()).isEqualTo(512);
      assertThat(warm.logits()).isEqualTo(cold);
    }
  }

  @Test
  void findsNothingOfOtherWeightsOrTypesOrTenants() throws IOException {
    Tenant tenant = new Tenant(1, 2);
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      cache.prefill(context, prompt);
      assertThat(cache.prefill(tenant, context, prompt).reused()).isZero();
    }
    Path file = SmallModel.write(folder.resolve("other.gguf"), 2);
    try (LlamaModel other = Native.library().openModel(file);
        LlamaPrefixCache cache =
            LlamaPrefixCache.open(other, OPTIONS, folder.resolve("store"), SSD);
        LlamaContext context = other.openContext(OPTIONS)) {
      assertThat(cache.prefill(context, prompt).reused()).isZero();
    }
    for (boolean flash : new boolean[] {true, false}) {
      CacheType type = flash ? CacheType.F16 : CacheType.BF16;
      ContextOptions options = OPTIONS.types(type, type, flash);
      try (LlamaPrefixCache cache =
              LlamaPrefixCache.open(model, options, folder.resolve("store"), SSD);
          LlamaContext context = model.openContext(options)) {
        assertThat(cache.prefill(context, prompt).reused()).isZero();
      }
    }
  }

  @Test
  void keepsEveryKindOfCacheToTheBit() {
    List<ContextOptions> kinds =
        List.of(
            OPTIONS.types(CacheType.F32, CacheType.F32, false),
            OPTIONS.types(CacheType.F16, CacheType.F32, false),
            OPTIONS.types(CacheType.Q8_0, CacheType.F16, false),
            OPTIONS.types(CacheType.BF16, CacheType.BF16, true),
            OPTIONS.types(CacheType.Q8_0, CacheType.Q4_0, true));
    for (ContextOptions options : kinds) {
      try (LlamaPrefixCache cache =
              LlamaPrefixCache.open(model, options, folder.resolve("store"), SSD);
          LlamaContext context = model.openContext(options)) {
        Prefill cold = cache.prefill(context, prompt);
        byte[] computed = state(context, 600);
        Prefill warm = cache.prefill(context, prompt);
        assertThat(warm.reused()).as(options.toString()).isEqualTo(512);
        assertThat(warm.logits()).isEqualTo(cold.logits());
        assertThat(state(context, 600)).isEqualTo(computed);
      }
    }
  }

  @Test
  void restoresOnlyWhatEndsWithAPass() {
    ContextOptions wide = OPTIONS.batch(256);
    try (LlamaPrefixCache cache = LlamaPrefixCache.open(model, wide, folder.resolve("store"), SSD);
        LlamaContext context = model.openContext(wide)) {
      Prefill cold = cache.prefill(context, Arrays.copyOf(prompt, 500));
      assertThat(cold.stored()).isEqualTo(384);
      Prefill warm = cache.prefill(context, Arrays.copyOf(prompt, 500));
      assertThat(warm.reused()).isEqualTo(256);
      assertThat(warm.logits()).isEqualTo(cold.logits());
    }
  }

  @Test
  void writesApproximationsWhereThatIsAccepted() {
    try (LlamaPrefixCache cache =
            LlamaPrefixCache.open(
                model,
                OPTIONS,
                config ->
                    config
                        .hot(1 << 20)
                        .ssd(folder.resolve("store"), SSD)
                        .encodings("ssd=int8")
                        .accept(Acceptance.parse("int8")));
        LlamaContext context = model.openContext(OPTIONS)) {
      cache.prefill(context, prompt);
      assertThat(cache.prefill(context, prompt).reused()).isEqualTo(512);
    }
    ContextOptions blocks = OPTIONS.types(CacheType.Q8_0, CacheType.Q8_0, true);
    assertThatThrownBy(() ->
            LlamaPrefixCache.open(
                model,
                blocks,
                config -> config.ssd(folder.resolve("s"), SSD).encodings("ssd=int8")))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("take raw or lossless, or F16");
  }

  @Test
  void endsThePrefixBeforeACorruptBlock() throws IOException {
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      cache.prefill(context, prompt);
    }
    damageSegments(folder.resolve("store"));
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      Prefill again = cache.prefill(context, prompt);
      assertThat(again.reused()).isLessThan(512);
      assertThat(again.reused() % 128).isZero();
      context.clear();
      assertThat(context.decode(prompt, Wanted.LAST)).isEqualTo(again.logits());
    }
  }

  /** Flips bits all over the back half of the segment files. */
  private static void damageSegments(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        if (file.toString().contains("segments")) {
          for (int at = bytes.length / 8; at < bytes.length; at += 997) {
            bytes[at] ^= 0x10;
          }
          Files.write(file, bytes);
        }
      }
    }
  }

  @Test
  void refusesAPromptThatDoesNotFit() {
    ContextOptions small = ContextOptions.of(128);
    try (LlamaPrefixCache cache = cache();
        LlamaContext large = model.openContext(OPTIONS);
        LlamaContext context = model.openContext(small)) {
      cache.prefill(large, prompt);
      assertThatThrownBy(() -> cache.prefill(context, prompt))
          .isInstanceOf(LlamaException.class)
          .hasMessage("the prompt has 600 tokens, the context room for 128: open one with more");
      assertThatThrownBy(() -> cache.prefill(large, new int[0])).isInstanceOf(LlamaException.class);
      assertThatThrownBy(() -> cache.prefill(large, new int[] {999}))
          .isInstanceOf(LlamaException.class);
    }
  }

  @Test
  void servesContextsOfItsKindOnly() {
    try (LlamaPrefixCache cache = cache();
        LlamaContext flash = model.openContext(OPTIONS.types(CacheType.F16, CacheType.F16, true))) {
      assertThatThrownBy(() -> cache.prefill(flash, prompt))
          .isInstanceOf(LlamaException.class)
          .hasMessageContaining("flash attention false");
    }
  }

  @Test
  void storesNothingThatWasComputedFromAPartOfThePast() {
    try (LlamaPrefixCache cache = cache();
        LlamaContext context = model.openContext(OPTIONS)) {
      context.decode(Arrays.copyOf(prompt, 200), Wanted.NONE);
      context.remove(10, 20);
      context.decode(Arrays.copyOfRange(prompt, 200, 600), Wanted.NONE);
      assertThat(cache.store(Tenant.NONE, context, prompt)).isZero();
      context.clear();
      context.decode(Arrays.copyOf(prompt, 200), Wanted.NONE);
      context.remove(150, 160);
      context.decode(Arrays.copyOfRange(prompt, 200, 600), Wanted.NONE);
      assertThat(cache.store(Tenant.NONE, context, prompt)).isEqualTo(128);
    }
  }
}
