package dev.varve.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.varve.cli.Main;
import dev.varve.cli.llama.BundledGguf;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.llamacpp.CacheType;
import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import dev.varve.llamacpp.MissingLibraryException;
import dev.varve.llamacpp.Prefill;
import dev.varve.llamacpp.Wanted;
import dev.varve.llamacpp.observe.LlamaEviction;
import dev.varve.sdk.Acceptance;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All that is promised of llama.cpp, on the pinned library with the bundled model. */
@Tag("tool")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LlamaCppTest {
  private static final int SHORT = 700;
  private static final int LONG = 1000;
  private static final int BUDGET = 128;

  @TempDir Path folder;
  private Path file = Path.of("");
  private LlamaModel model;

  /** A machine without what the library needs skips these tests, CI fails. */
  @BeforeAll
  void load(@TempDir Path models) throws IOException {
    LlamaLibrary library;
    try {
      library = LlamaLibrary.bundled();
    } catch (MissingLibraryException e) {
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      library = abort(e.getMessage());
    }
    file = BundledGguf.write(models);
    model = library.openModel(file);
  }

  @AfterAll
  void close() {
    if (model != null) {
      model.close();
    }
  }

  /** What an empty context computes. */
  private Computed cold(int tokens) throws IOException {
    int[] prompt = PromptProcess.prompt(tokens);
    try (LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
      float[] logits = context.decode(prompt, Wanted.LAST);
      return Computed.of(context, new Prefill(0, tokens, 0, logits));
    }
  }

  private Child prompt(Path store, int tokens) throws IOException {
    return Child.start(
        PromptProcess.class, file.toString(), store.toString(), Integer.toString(tokens));
  }

  /** Prints what it printed. */
  private static String varve(int exitCode, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] line = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), line);
    assertThat(code).as(err.toString()).isEqualTo(exitCode);
    assertThat(err.toString()).doesNotContain("\tat ");
    return exitCode == 0 ? out.toString() : err.toString();
  }

  @Test
  void loadsTheBundledModelIntoTheCheckedLibrary() {
    assertThat(model.library().build()).isEqualTo("b4916");
    assertThat(model.dimensions().architecture()).isEqualTo("llama");
    assertThat(model.dimensions().layers()).isEqualTo(6);
    assertThat(model.vocabulary()).isEqualTo(256);
  }

  @Test
  void aSecondProcessGoesOnFromWhatAKilledOneStored() throws IOException {
    Path store = folder.resolve("store");
    Computed first;
    try (Child child = prompt(store, SHORT)) {
      first = Computed.parse(child.after(PromptProcess.MARK));
      child.kill();
    }
    assertThat(first.reused()).isZero();
    assertThat(first.stored()).isEqualTo(640);
    Computed second;
    try (Child child = prompt(store, LONG)) {
      second = Computed.parse(child.after(PromptProcess.MARK));
    }
    assertThat(second.reused()).isEqualTo(640);
    assertThat(second.stored()).isEqualTo(896);

    Computed cold = cold(LONG);
    assertThat(second.state()).isEqualTo(cold.state());
    assertThat(second.ids()).isEqualTo(cold.ids());
    assertThat(first.state()).isEqualTo(cold(SHORT).state());
  }

  @Test
  void restoresApproximationsWhereTheyAreAccepted() throws IOException {
    int[] prompt = PromptProcess.prompt(SHORT);
    byte[] exact;
    float[] logits;
    try (LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
      logits = context.decode(prompt, Wanted.LAST);
      exact = Computed.state(context);
    }
    for (int run = 0; run < 2; run++) {
      try (LlamaPrefixCache cache = lossy();
          LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
        Prefill prefill = cache.prefill(context, prompt);
        assertThat(prefill.reused()).isEqualTo(run == 0 ? 0 : 640);
        if (run == 0) {
          assertThat(Computed.state(context)).isEqualTo(exact);
        } else {
          assertThat(Computed.state(context)).isNotEqualTo(exact).hasSameSizeAs(exact);
          assertThat(prefill.logits()).isNotEqualTo(logits).containsExactly(logits, within(1f));
        }
      }
    }
  }

  private LlamaPrefixCache lossy() {
    return LlamaPrefixCache.open(
        model,
        PromptProcess.OPTIONS,
        config ->
            config
                .hot(4 << 20)
                .ssd(folder.resolve("lossy"), PromptProcess.SSD_BYTES)
                .encodings("ssd=int8")
                .accept(Acceptance.parse("int8")));
  }

  @Test
  void keepsABudgetInsideTheEngine() throws IOException {
    int[] prompt = PromptProcess.prompt(SHORT);
    for (String policy :
        List.of("snapkv(budget=128,window=32)", "h2o(budget=128)", "streamingllm(budget=128)")) {
      LlamaEviction eviction = LlamaEviction.of(EvictionPolicies.parse(policy), Backend.SCALAR);
      try (LlamaContext context = model.openContext(PromptProcess.OPTIONS.observed())) {
        float[] logits = eviction.prefill(context, prompt);
        assertThat(context.tokens()).as(policy).isEqualTo(BUDGET);
        assertThat(context.length()).as(policy).isEqualTo(SHORT);
        assertThat(context.positions()).as(policy).contains(SHORT - 1);
        assertThat(Computed.continued(context, logits)).hasSize(Computed.STEPS);
        assertThat(context.tokens()).isEqualTo(BUDGET + Computed.STEPS);
      }
    }
  }

  /** Saves the first tokens of the chapter as llama-server would. */
  private Path slot(String name, int tokens) throws IOException {
    int[] prompt = PromptProcess.prompt(tokens);
    Path target = Files.createDirectories(folder.resolve("slots")).resolve(name);
    try (LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
      context.decode(prompt, Wanted.NONE);
      context.save(target, prompt);
    }
    return target;
  }

  /** What follows a slot and one more token. */
  private List<Integer> following(Path slot) {
    try (LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
      context.load(slot);
      return Computed.continued(context, context.decode(new int[] {' '}, Wanted.LAST));
    }
  }

  @Test
  void aSlotComesBackFromAContainerAndGoesOn() throws IOException {
    Path slot = slot("slot.bin", SHORT);
    List<Integer> expected = following(slot);
    Path container = folder.resolve("slot.varve");
    Path back = folder.resolve("back.bin");
    varve(0, "compress", slot, container);
    assertThat(Files.size(container)).isLessThan(Files.size(slot));
    varve(0, "verify", container);
    varve(0, "decompress", container, back);
    assertThat(back).hasSameBinaryContentAs(slot);
    assertThat(following(back)).isEqualTo(expected);

    Path tensors = folder.resolve("slot.safetensors");
    varve(0, "convert", slot, tensors, "--shape", "heads=2");
    varve(0, "diff", slot, tensors, "--shape", "heads=2");
  }

  /** What llama.cpp itself computes behind the prompt and one more token. */
  private float[] computed(int[] prompt) {
    try (LlamaContext context = model.openContext(PromptProcess.OPTIONS)) {
      context.decode(prompt, Wanted.NONE);
      return context.decode(new int[] {' '}, Wanted.LAST);
    }
  }

  private float[] behind(Path slot, ContextOptions options, int[] ids) {
    try (LlamaContext context = model.openContext(options)) {
      assertThat(context.load(slot)).isEqualTo(ids);
      assertThat(context.length()).isEqualTo(ids.length);
      float[] logits = context.decode(new int[] {' '}, Wanted.LAST);
      assertThat(Computed.continued(context, logits)).hasSize(Computed.STEPS);
      return logits;
    }
  }

  @Test
  void llamaGoesOnFromWhatAnotherEngineComputed() throws IOException {
    int[] prompt = PromptProcess.prompt(SHORT);
    Path text = Files.writeString(folder.resolve("text"), model.text(prompt));
    Path capture = folder.resolve("capture.safetensors");
    varve(0, "capture", "--model", "byte-llama", "--text", text, "--out", capture);
    Path exact = folder.resolve("exact.varve");
    Path lossy = folder.resolve("lossy.varve");
    varve(0, "compress", capture, exact);
    varve(0, "compress", capture, lossy, "--codec", "int8");
    float[] expected = computed(prompt);
    ContextOptions f16 = PromptProcess.OPTIONS;
    Map<String, ContextOptions> kinds =
        Map.of(
            "f16", f16,
            "bf16", f16.types(CacheType.BF16, CacheType.BF16, false),
            "f32", f16.types(CacheType.F32, CacheType.F32, false),
            "f16 --flash-attention", f16.types(CacheType.F16, CacheType.F16, true));
    for (Path input : List.of(capture, exact, lossy)) {
      kinds.forEach((options, context) -> {
        Path slot = folder.resolve("written.llama");
        List<Object> line = new ArrayList<>(List.of("convert", input, slot, "--gguf", file));
        line.addAll(List.of("--force", "--dtype"));
        line.addAll(List.of((Object[]) options.split(" ", -1)));
        varve(0, line.toArray());
        assertThat(behind(slot, context, prompt))
            .as("%s as %s", input.getFileName(), options)
            .containsExactly(expected, within(0.3f));
      });
    }
  }

  @Test
  void aSlotIsRewrittenForAnotherAttentionKernel() throws IOException {
    int[] prompt = PromptProcess.prompt(SHORT);
    Path slot = slot("plain.bin", SHORT);
    Path container = folder.resolve("plain.varve");
    varve(0, "compress", slot, container, "--codec", "int8");
    Path flash = folder.resolve("flash.llama");
    ContextOptions fused = PromptProcess.OPTIONS.types(CacheType.F16, CacheType.F16, true);
    float[] expected = computed(prompt);
    for (Path input : List.of(slot, container)) {
      varve(0, "convert", input, flash, "--flash-attention", "--force");
      assertThat(behind(flash, fused, prompt)).containsExactly(expected, within(0.3f));
    }
    Path back = folder.resolve("back.llama");
    varve(0, "convert", slot, flash, "--flash-attention", "--force");
    varve(0, "convert", flash, back, "--no-flash-attention", "--gguf", file);
    assertThat(back).hasSameBinaryContentAs(slot);
  }

  @Test
  void aFolderOfSlotsIsKeptSmall() throws IOException {
    Path one = slot("one.bin", LONG);
    Path two = slot("two.bin", SHORT);
    Path slots = one.resolveSibling("");
    byte[] first = Files.readAllBytes(one);
    byte[] second = Files.readAllBytes(two);
    List<Integer> expected = following(two);
    JsonNode packed = cache(slots, "20GB");
    assertThat(texts(packed, "packed")).containsExactly("one.bin", "two.bin");
    assertThat(one).doesNotExist();
    long bytes = packed.get("bytes").asLong();
    assertThat(bytes).isLessThan(first.length);
    assertThat(packed.get("files").get(1).get("sharedChunks").asInt()).isEqualTo(5);

    cache(slots, "20GB", "--restore", "two.bin");
    assertThat(two).hasBinaryContent(second);
    assertThat(following(two)).isEqualTo(expected);
    JsonNode less = cache(slots, Long.toString(bytes * 9 / 10), "--restore", "two.bin");
    assertThat(texts(less, "evicted")).containsExactly("one.bin");
    assertThat(less.get("bytes").asLong()).isLessThanOrEqualTo(bytes * 9 / 10);
    assertThat(two).hasBinaryContent(second);
    assertThat(varve(1, "llamacpp", "cache", slots, "--budget", "20GB", "--restore", "one.bin"))
        .contains("there is no packed file 'one.bin'");
  }

  private static JsonNode cache(Path slots, String budget, Object... more) {
    List<Object> line = new ArrayList<>(List.of("llamacpp", "cache", slots, "--budget", budget));
    line.addAll(List.of("--format", "json"));
    line.addAll(List.of(more));
    return JsonMapper.shared().readTree(varve(0, line.toArray()));
  }

  private static List<String> texts(JsonNode report, String field) {
    return report.get(field).valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void badInputEndsInASentenceOrAMiss() throws IOException, InterruptedException {
    List<String> lines;
    try (Child child =
        Child.start(
            BadInputProcess.class,
            file.toString(),
            Files.createDirectories(folder.resolve("bad")).toString())) {
      lines = child.lines();
      assertThat(child.exitCode()).as(lines.toString()).isZero();
    }
    Map<String, String> said =
        lines.stream()
            .map(line -> line.split(": ", 2))
            .filter(parts -> parts.length == 2)
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (a, b) -> b));
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("a library of an unknown build", "says that it is b"),
            Map.entry("a truncated library", "is truncated"),
            Map.entry("a truncated model", "is truncated: the tensor '"),
            Map.entry("another architecture", "is of the architecture 'mamba'"),
            Map.entry("a state of another model", "of another model or context"),
            Map.entry("a truncated state", "it is truncated"),
            Map.entry("a state of another attention kernel", "F16 values, flash attention"),
            Map.entry("a state of another cache type", "of another model"),
            Map.entry("a context too small for the state", "the context has room for"),
            Map.entry("an empty state", "it is truncated or of another model"),
            Map.entry("tokens that are still there", "600"),
            Map.entry("a context too small for the prefix", "open one with more"),
            Map.entry("blocks of another model", "a miss"),
            Map.entry("a corrupt block", "a miss"),
            Map.entry("logits behind a corrupt block", "same"),
            Map.entry(BadInputProcess.ALIVE, ""));
    expected.forEach((item, reason) ->
        assertThat(said.get(item)).as(item + " in " + lines).isNotNull().contains(reason));
  }
}
