package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.Tensor;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KeepCommandTest {
  private static final String TEXT =
      "Elinor, this eldest daughter, whose advice was so effectual, possessed a strength of"
          + " understanding, and coolness of judgment, which qualified her to be the counsellor.";
  private static final int TOKENS = TEXT.length();

  @TempDir static Path folder;
  private static Path capture;
  @TempDir Path own;

  @BeforeAll
  static void capture() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), TEXT);
    capture = folder.resolve("kv.safetensors");
    Run run =
        Run.of(
            "capture",
            "--model",
            "byte-llama",
            "--text",
            text.toString(),
            "--out",
            capture.toString());
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void printsTheKeptPositionsOfEveryLayerAndHead() {
    JsonNode heads = json("snapkv(budget=48,window=16,kernel=7,pool=max)", capture);

    assertThat(heads.size()).isEqualTo(12);
    int place = 0;
    for (JsonNode head : heads) {
      assertThat(head.propertyNames()).containsExactly("layer", "head", "positions");
      assertThat(head.get("layer").intValue()).isEqualTo(place / 2);
      assertThat(head.get("head").intValue()).isEqualTo(place % 2);
      List<Integer> positions = positions(head);
      assertThat(positions).hasSize(48).isSorted().doesNotHaveDuplicates();
      assertThat(positions).endsWith(TOKENS - 3, TOKENS - 2, TOKENS - 1).contains(TOKENS - 16);
      place++;
    }
  }

  @Test
  void keepsEverythingAtABudgetOfAllTokens() {
    for (JsonNode head : json("snapkv(budget=" + TOKENS + ")", capture)) {
      assertThat(positions(head)).hasSize(TOKENS);
    }
    assertThat(json("snapkv(budget=1.0)", capture))
        .isEqualTo(json("random(budget=" + TOKENS + ")", capture));
  }

  @Test
  void printsATable() {
    Run run = Run.of("keep", "--policy", "streamingllm(budget=8,sinks=3)", capture.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("streamingllm(budget=8,sinks=3)")
        .contains("96 of 2,0")
        .contains("0-2 " + (TOKENS - 5) + "-" + (TOKENS - 1));
  }

  @Test
  void writesThePrunedCache() {
    Path out = own.resolve("kept.safetensors");
    Run run =
        Run.of(
            "keep",
            "--policy",
            "streamingllm(budget=8,sinks=3)",
            "--out",
            out.toString(),
            capture.toString());

    assertThat(run.exitCode()).isZero();
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile kept = SafetensorsFile.open(out, arena);
      assertThat(kept.metadata())
          .containsEntry("varve.format", "kept")
          .containsEntry("policy", "streamingllm(budget=8,sinks=3)")
          .containsEntry("tokens", Integer.toString(TOKENS))
          .containsEntry("renumbered", "false");
      assertThat(kept.tensors()).hasSize(48);
      Tensor all = SafetensorsFile.open(capture, arena).tensor("layers.4.values");
      float[] source = all.data().toArray(DtypeLayouts.FLOAT);
      float[] rows = kept.tensor("layers.4.heads.1.values").data().toArray(DtypeLayouts.FLOAT);
      int[] positions = ints(kept.tensor("layers.4.heads.1.positions"));
      assertThat(positions).startsWith(0, 1, 2, TOKENS - 5).hasSize(8);
      for (int i = 0; i < rows.length; i++) {
        int from = (TOKENS + positions[i / 64]) * 64 + i % 64;
        assertThat(rows[i]).isEqualTo(source[from]);
      }
      assertThat(kept.tensor("layers.0.heads.0.weights").data().toArray(DtypeLayouts.FLOAT))
          .hasSize(8)
          .containsOnly(1f);
    }
  }

  @Test
  void keepsAFileThatExistsUnlessForced() throws IOException {
    Path out = Files.writeString(own.resolve("out"), "precious");
    String[] line = {
      "keep", "--policy", "random(budget=4)", "--out", out.toString(), capture.toString(), "-q"
    };

    assertThat(Run.of(line).exitCode()).isEqualTo(2);
    assertThat(out).hasContent("precious");
    line[6] = "--force";
    assertThat(Run.of(line).exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "snapkv(budget=0)                | budget must be at least 1 token: 0",
        "snapkv(budget=1000,window=8)    | budget=1000 is above the 16",
        "snapkv(budget=1.5)              | ratio above 0 and at most 1: 1.5",
        "snapkv(budget=0.9,window=500)   | a window of 500 queries, longer than the 16",
        "snapkv(budget=0.9,window=100)   | queries of the last 100 of 16",
        "snapkv(budget=64,kernel=4)      | kernel must be odd",
        "h2o(budget=64)                  | it needs the queries of the last 16",
        "kvzip(budget=64)                | it needs the attention of a second pass",
        "specpc(budget=64,window=8)      | it needs scores from a draft model, which is not there",
        "snapkv(budget=64)+critical      | norms of the values after the output projection",
        "snapkv(budget=64)+decoding      | forgets again while tokens are decoded",
        "snapkv(budget=64,park=true)     | leave park and low out",
        "zipvl(low=int4)                 | leave park and low out",
        "gemfilter(budget=64,layer=6)    | scores with layer 6, the model has layers 0 to 5",
        "razorattention(heads=no.json)   | no.json: the head map cannot be read",
        "snapkv(budget=64)+layers(weights=1:2) | 2 weights for a model of 6 layers",
        "infinipotv(budget=64,frame=0)   | must be a whole number of at least 1: 0",
        "zipvl(mass=0)                   | a number above 0 and at most 1.0: 0",
        "snapvk(budget=64)               | did you mean 'snapkv'?",
        "snapkv(budget=64,windw=4)       | did you mean 'window'?",
      })
  void refusesWithASentence(String policy, String sentence) {
    Run run = Run.of("keep", "--policy", policy, capture.toString());

    assertThat(run.err()).startsWith("varve: ").contains(sentence).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void takesAttentionThatAnEngineHasComputed() {
    float[] rows = new float[4 * TOKENS];
    for (int head = 0; head < 4; head++) {
      rows[head * TOKENS + 20 + head] = 1;
    }
    JsonNode heads = json("tova(budget=5)", withAttention(rows));
    // One weight for each of the four heads, and the last token, which is protected.
    assertThat(positions(heads.get(0))).containsExactly(20, 21, 22, 23, TOKENS - 1);
    assertThat(positions(heads.get(7))).doesNotContain(20);

    rows[3] = 0.5f;
    Run run = Run.of("keep", "--policy", "tova(budget=5)", "" + withAttention(rows));
    assertThat(run.err())
        .contains("tensor 'layers.0.attention': an attention row must sum to 1")
        .contains("head 0, row 0 sums to 1.5");
    assertThat(run.exitCode()).isEqualTo(3);
  }

  private Path withAttention(float[] rows) {
    Path target = own.resolve("attention.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(capture, arena);
      List<TensorSpec> specs = new ArrayList<>();
      file.tensors().values().forEach(tensor -> specs.add(tensor.spec()));
      TensorSpec more = TensorSpec.of("layers.0.attention", TensorType.F32, 4, 1, TOKENS);
      specs.add(more);
      try (SafetensorsWriter writer = SafetensorsWriter.create(target, file.metadata(), specs)) {
        file.tensors().forEach((name, tensor) -> writer.append(name, tensor.data()));
        MemorySegment bytes = arena.allocate(more.byteSize());
        MemorySegment.copy(rows, 0, bytes, DtypeLayouts.FLOAT, 0, rows.length);
        writer.append(more.name(), bytes);
        writer.commit();
      }
    }
    return target;
  }

  @Test
  void refusesAHeadMapOfAnotherModel() throws IOException {
    Path map = own.resolve("heads.json");
    Files.writeString(
        map, "{\"format\":\"varve-heads\",\"version\":1,\"layers\":4,\"kv_heads\":2,\"full\":{}}");
    Run run = Run.of("keep", "--policy", "razorattention(heads='" + map + "')", "" + capture);

    assertThat(run.err())
        .contains("the head map is for 4 layers of 2 KV heads, the model has 6 layers of 2");
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void writesWeightsOfMergedSlotsAndTurnedKeys() {
    Path out = own.resolve("kept.safetensors");
    String policy = "streamingllm(budget=9,sinks=3)+compensate+rerotate";
    Run run = Run.of("keep", "--policy", policy, "--out", out.toString(), "-q", capture.toString());

    assertThat(run.exitCode()).isZero();
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile kept = SafetensorsFile.open(out, arena);
      assertThat(kept.metadata()).containsEntry("renumbered", "true");
      assertThat(ints(kept.tensor("layers.2.heads.0.positions")))
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, -1);
      assertThat(kept.tensor("layers.2.heads.0.weights").data().toArray(DtypeLayouts.FLOAT))
          .containsExactly(1, 1, 1, 1, 1, 1, 1, 1, TOKENS - 8);
    }
  }

  @Test
  void namesTheFirstNumberThatIsNone() {
    Path broken =
        changed(
            (name, data) -> {
              if (name.equals("layers.1.keys")) {
                data.set(DtypeLayouts.FLOAT, (64L * (TOKENS + 5) + 3) * Float.BYTES, Float.NaN);
              }
            },
            Map.of());
    Run run = Run.of("keep", "--policy", "streamingllm(budget=8)", broken.toString());

    assertThat(run.err()).contains("the keys of layer 1 hold NaN in head 1, row 5, element 3");
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "varve.format  | blocks  | is no file of varve capture: its varve.format is 'blocks'",
        "varve.version | 2       | is a capture of version 2, this program reads version 1",
        "layers        | 7       | the metadata say layers = 7, the tensors have 6",
        "layers        | many    | layers is 'many', not a whole number",
        "tokens        | 9       | the metadata say tokens = 9, the tensors have",
        "kv_heads      | 3       | the metadata say kv_heads = 3, the tensors have 2",
        "query_heads   | 3       | the metadata say query_heads = 3, the tensors have 4",
        "query_tokens  | -1      | the metadata say query_tokens = -1, the tensors have",
        "scale         | -       | scale is '-', not a number",
        "window        | -3      | has an impossible shape",
        "rope_scaling  | cubic:2 | readable is none, linear:FACTOR",
        "rope_pairing  | quarter | readable is one of [HALVES, INTERLEAVED]",
      })
  void refusesAFileThatContradictsItself(String name, String value, String sentence) {
    Path broken = changed((tensor, data) -> {}, Map.of(name, value));
    Run run = Run.of("keep", "--policy", "streamingllm(budget=8)", broken.toString());

    assertThat(run.err()).startsWith("varve: ").contains(sentence);
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @Test
  void readsEveryKindOfFileThatHoldsKeysAndValues() {
    String policy = "knorm(budget=40)";
    JsonNode expected = json(policy, capture);
    Path npz = own.resolve("kv.npz");
    Path named = own.resolve("named.safetensors");
    Path packed = own.resolve("kv.varve");
    done("convert", capture.toString(), npz.toString());
    done(
        "convert",
        capture.toString(),
        named.toString(),
        "--to-keys=k{layer}.cache",
        "--to-values=v{layer}.cache");
    done("compress", capture.toString(), packed.toString());
    assertThat(json(policy, npz)).isEqualTo(expected);
    assertThat(json(policy, packed)).isEqualTo(expected);
    assertThat(
            JsonMapper.shared()
                .readTree(
                    done(
                        "keep",
                        "--format",
                        "json",
                        "--policy",
                        policy,
                        "--keys=k{layer}.cache",
                        "--values=v{layer}.cache",
                        named.toString())))
        .isEqualTo(expected);
    assertThat(json("snapkv(budget=40,window=8)", packed))
        .as("a container brings the queries of the capture it was made from")
        .isEqualTo(json("snapkv(budget=40,window=8)", capture));
    Run queries = Run.of("keep", "--policy", "snapkv(budget=40,window=8)", npz.toString());
    assertThat(queries.err()).contains("it needs the queries of the last 8 of " + TOKENS);
    assertThat(queries.exitCode()).isEqualTo(2);
    Path kept = own.resolve("kept.safetensors");
    done("keep", "--policy", policy, "--out", kept.toString(), npz.toString());
    try (Arena arena = Arena.ofConfined()) {
      assertThat(SafetensorsFile.open(kept, arena).metadata())
          .containsEntry("varve.format", "kept")
          .containsEntry("layers", "6")
          .containsEntry("tokens", Integer.toString(TOKENS));
    }
    assertThat(Run.of("keep", "--policy", policy, kept.toString()).err())
        .contains("no tensor is named like keys");
  }

  @Test
  void findsKeysThatAreNoNumbersInHalfPrecisionToo() {
    Path half = own.resolve("half.safetensors");
    done("convert", capture.toString(), half.toString(), "--dtype=f16");
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(half, arena);
      List<TensorSpec> specs = file.tensors().values().stream().map(Tensor::spec).toList();
      Path broken = own.resolve("broken.safetensors");
      try (SafetensorsWriter writer = SafetensorsWriter.create(broken, Map.of(), specs)) {
        file.tensors()
            .forEach((name, tensor) -> {
              MemorySegment copy = arena.allocate(tensor.data().byteSize());
              copy.copyFrom(tensor.data());
              if (name.equals("layers.2.values")) {
                copy.set(
                    java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED,
                    2 * (64 * 7 + 1),
                    (short) 0x7e00);
              }
              writer.append(name, copy);
            });
        writer.commit();
      }
      Run run = Run.of("keep", "--policy", "knorm(budget=4)", broken.toString());
      assertThat(run.err()).contains("the values of layer 2 hold NaN in head 0, row 7, element 1");
      assertThat(run.exitCode()).isEqualTo(3);
    }
  }

  private static String done(String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void refusesAFileThatIsMissing() {
    Run run = Run.of("keep", "--policy", "streamingllm(budget=8)", own + "/none");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("none: no such file or folder");
  }

  private Path changed(BiConsumer<String, MemorySegment> change, Map<String, String> metadata) {
    Path target = own.resolve("changed.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(capture, arena);
      Map<String, String> text = new HashMap<>(file.metadata());
      text.putAll(metadata);
      List<TensorSpec> specs = file.tensors().values().stream().map(Tensor::spec).toList();
      try (SafetensorsWriter writer = SafetensorsWriter.create(target, text, specs)) {
        file.tensors()
            .forEach((name, tensor) -> {
              MemorySegment copy = arena.allocate(tensor.data().byteSize());
              copy.copyFrom(tensor.data());
              change.accept(name, copy);
              writer.append(name, copy);
            });
        writer.commit();
      }
    }
    return target;
  }

  private static int[] ints(Tensor tensor) {
    return tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED);
  }

  private static JsonNode json(String policy, Path file) {
    Run run = Run.of("keep", "--format", "json", "--policy", policy, file.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  private static List<Integer> positions(JsonNode head) {
    List<Integer> positions = new ArrayList<>();
    head.get("positions").forEach(node -> positions.add(node.intValue()));
    return positions;
  }
}
