package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.engine.BundledModel;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.engine.StepSource;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Dtype;
import dev.varve.store.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureCommandTest {
  private static final String TEXT =
      "Elinor, this eldest daughter, whose advice was so effectual, possessed a strength of"
          + " understanding, and coolness of judgment, which qualified her to be the counsellor.";
  private static final int TOKENS = TEXT.length();
  private static final int WINDOW = 40;

  @TempDir Path folder;
  private Path text;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    text = Files.writeString(folder.resolve("text"), TEXT);
    out = folder.resolve("kv.safetensors");
  }

  @Test
  void writesTheKeysValuesAndQueriesThatARunComputes() throws IOException {
    assertThat(capture("--queries", "last:" + WINDOW).exitCode()).isZero();

    Map<String, float[]> expected = recompute();
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(out, arena);
      assertThat(file.tensors()).hasSize(1 + expected.size());
      expected.forEach((name, values) ->
          assertThat(file.tensor(name).data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
              .as(name)
              .isEqualTo(values));
      assertThat(file.tensor("layers.0.keys").spec().shape())
          .isEqualTo(List.of(2L, (long) TOKENS, 64L));
      assertThat(file.tensor("layers.5.queries").spec().shape()).isEqualTo(List.of(4L, 40L, 64L));
      int[] tokens = file.tensor("tokens").data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
      byte[] bytes = TEXT.getBytes(StandardCharsets.US_ASCII);
      assertThat(tokens).hasSize(bytes.length).startsWith(bytes[0], bytes[1]);
    }
  }

  @Test
  void describesTheRunInTheMetadata() {
    capture();

    try (Arena arena = Arena.ofConfined()) {
      assertThat(SafetensorsFile.open(out, arena).metadata())
          .containsEntry("varve.format", "capture")
          .containsEntry("varve.version", "1")
          .containsEntry("tokens", Integer.toString(TOKENS))
          .containsEntry("query_tokens", "64")
          .containsEntry("query_first", Integer.toString(TOKENS - 64))
          .containsEntry("rope_theta", "100000.0")
          .containsEntry("rope_pairing", "halves")
          .containsEntry("rope_stored", "post_rope");
    }
  }

  @Test
  void leavesTheQueriesOutOnRequest() {
    capture("--queries", "none");

    try (Arena arena = Arena.ofConfined()) {
      assertThat(SafetensorsFile.open(out, arena).tensors())
          .containsKey("layers.0.values")
          .doesNotContainKey("layers.0.queries");
    }
  }

  @Test
  void keepsAFileThatExistsUnlessForced() throws IOException {
    Files.writeString(out, "precious");

    assertThat(capture().exitCode()).isEqualTo(2);
    assertThat(out).hasContent("precious");
    assertThat(capture("--force").exitCode()).isZero();
    assertThat(Files.size(out)).isGreaterThan(1000);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("text", "kv.safetensors");
  }

  @Test
  void takesOnlyTheFirstTokensOnRequest() {
    capture("--tokens", "10");

    try (Arena arena = Arena.ofConfined()) {
      assertThat(SafetensorsFile.open(out, arena).tensor("tokens").spec().shape())
          .containsExactly(10L);
    }
  }

  @Test
  void refusesMoreMemoryThanAllowed() {
    Run run = capture("--memory", "1MiB");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--memory allows 1.0 MiB");
    assertThat(out).doesNotExist();
  }

  private Run capture(String... more) {
    String[] line = new String[more.length + 7];
    String[] first = {
      "capture", "--model", "byte-llama", "--text", text.toString(), "--out", out.toString()
    };
    System.arraycopy(first, 0, line, 0, first.length);
    System.arraycopy(more, 0, line, first.length, more.length);
    return Run.of(line);
  }

  private Map<String, float[]> recompute() throws IOException {
    Map<String, float[]> tensors = new HashMap<>();
    try (LlamaModel model = LlamaModel.open(BundledModel.folder(folder.resolve("model")));
        KvCache cache =
            KvCache.open(CacheConfig.of(model.modelShape(Dtype.F32), "m").hot(64 << 20).build());
        KvSession session = cache.openSession()) {
      int[] tokens = model.tokenizer().encode(TEXT);
      for (int at = 0; at < tokens.length; at++) {
        int token = at;
        try (StepSource.Step step =
            new dev.varve.engine.CacheSession(session).begin(new int[] {tokens[at]}, false)) {
          new LlamaDecoder(model)
              .step(
                  new int[] {tokens[at]},
                  at,
                  LlamaDecoder.Logits.NONE,
                  (layer, k, v, q, result) -> {
                    put(tensors, "layers." + layer + ".keys", k, token, TOKENS);
                    put(tensors, "layers." + layer + ".values", v, token, TOKENS);
                    put(
                        tensors,
                        "layers." + layer + ".queries",
                        q,
                        token - TOKENS + WINDOW,
                        WINDOW);
                    step.attend(layer, k, v, q, result);
                  });
          step.end();
        }
      }
    }
    return tensors;
  }

  private static void put(
      Map<String, float[]> tensors, String name, EngineTensor rows, int token, int tokens) {
    float[] all = tensors.computeIfAbsent(name, _ -> new float[rows.heads() * tokens * rows.dim()]);
    for (int head = 0; head < rows.heads() && token >= 0; head++) {
      MemorySegment.copy(
          Objects.requireNonNull(rows.memory()),
          rows.offset(0, head),
          MemorySegment.ofArray(all),
          4L * (head * tokens + token) * rows.dim(),
          4L * rows.dim());
    }
  }
}
