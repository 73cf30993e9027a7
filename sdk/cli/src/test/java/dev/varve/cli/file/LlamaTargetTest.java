package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LlamaTargetTest {

  private static final ModelDimensions MODEL =
      new ModelDimensions(
          "llama", 1, 2, 2, 4, 4, 64, 256, RopeSpec.of(4, 10_000, Pairing.INTERLEAVED));
  private static final LlamaTarget TARGET = new LlamaTarget(Optional.of(MODEL), Optional.empty());

  @TempDir Path folder;

  /** What a capture of one layer, two heads, two tokens of four elements says of itself. */
  private static Map<String, String> metadata(String... changes) {
    Map<String, String> all = new TreeMap<>();
    all.putAll(Map.of("varve.format", "capture", "varve.version", "1", "query_heads", "2"));
    all.putAll(Map.of("scale", "0.5", "window", "0", "rope_dims", "4", "rope_theta", "10000.0"));
    all.putAll(Map.of("rope_pairing", "halves", "rope_stored", "post_rope"));
    for (int i = 0; i < changes.length; i += 2) {
      all.put(changes[i], changes[i + 1]);
    }
    return all;
  }

  private KvSource capture(Map<String, String> metadata, boolean ids) {
    String header =
        "{\"__metadata__\":%s,%s\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[2,2,4],\"data_offsets\":[8,40]},\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[2,2,4],\"data_offsets\":[40,72]}}"
            .formatted(
                JsonMapper.shared().writeValueAsString(metadata),
                "\"%s\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                    .formatted(ids ? "tokens" : "others"));
    byte[] data =
        new Bytes().i32(65, 66).f16(Bytes.counting(0, 16)).f16(Bytes.counting(100, 16)).array();
    return Kv.open(folder.resolve("capture"), Bytes.safetensors(header, data), KindOptions.NONE);
  }

  private byte[] written(LlamaTarget target, KvSource from) throws IOException {
    Path path = folder.resolve("written");
    LlamaTarget.Writing writing = target.begin(path, from, from.description().shape().dtype());
    try (KvSink sink = writing.sink()) {
      Kv.fill(writing.source(), sink, 1);
      sink.commit();
    }
    return Files.readAllBytes(path);
  }

  /** All bytes down to the keys. */
  private static Bytes front(boolean byChannel) {
    return new Bytes()
        .i32(0x67677371, 2, 2, 65, 66)
        .i32(2, 0, 0, 1, 0)
        .i32(byChannel ? 1 : 0, 1)
        .i32(1)
        .i64(16)
        .f16(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15)
        .i32(1);
  }

  @Test
  void writesTheCellsOfACaptureInTheOrderOfTheModel() throws IOException {
    byte[] byChannel =
        front(true)
            .i32(2, 8)
            .f16(100, 104, 101, 105, 102, 106, 103, 107)
            .f16(108, 112, 109, 113, 110, 114, 111, 115)
            .array();
    byte[] byToken =
        front(false)
            .i64(16)
            .f16(100, 101, 102, 103, 108, 109, 110, 111)
            .f16(104, 105, 106, 107, 112, 113, 114, 115)
            .array();
    try (KvSource capture = capture(metadata(), true)) {
      assertThat(written(TARGET, capture)).isEqualTo(byChannel);
      LlamaTarget flash = new LlamaTarget(Optional.of(MODEL), Optional.of(true));
      assertThat(written(flash, capture)).isEqualTo(byToken);
    }
    try (KvSource read = Kv.open(folder.resolve("again"), byToken, KindOptions.NONE)) {
      LlamaTarget other = new LlamaTarget(Optional.empty(), Optional.of(false));
      assertThat(written(other, read)).isEqualTo(byChannel);
    }
  }

  @Test
  void turnsPairsIntoHalvesForModelsThatTurnHalves() throws IOException {
    ModelDimensions halves =
        new ModelDimensions(
            "qwen2", 1, 2, 2, 4, 4, 64, 256, RopeSpec.of(4, 10_000, Pairing.HALVES));
    LlamaTarget target = new LlamaTarget(Optional.of(halves), Optional.empty());
    try (KvSource same = capture(metadata(), true)) {
      assertThat(keys(written(target, same))).startsWith(0f, 1f, 2f, 3f, 8f);
    }
    try (KvSource other = capture(metadata("rope_pairing", "interleaved"), true)) {
      assertThat(keys(written(target, other))).startsWith(0f, 2f, 1f, 3f, 8f, 10f);
      assertThat(keys(written(TARGET, other))).startsWith(0f, 1f, 2f, 3f, 8f);
    }
  }

  private float[] keys(byte[] file) {
    try (KvSource read = Kv.open(folder.resolve("keys"), file, KindOptions.NONE)) {
      return Kv.read(read, 0, Section.KEYS, 0, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cells", "labelled", "stream", "marked"})
  void keepsTheFormOfTheBuildThatWroteASlot(String form) throws IOException {
    byte[] slot = LlamaKindTest.state(form, true, 1);
    try (KvSource read = Kv.open(folder.resolve("slot"), slot, KindOptions.NONE)) {
      assertThat(written(new LlamaTarget(Optional.empty(), Optional.empty()), read))
          .isEqualTo(slot);
      byte[] flash = written(new LlamaTarget(Optional.empty(), Optional.of(true)), read);
      assertThat(flash).isEqualTo(LlamaKindTest.turnedBack(slot));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rope_stored | pre_rope | its keys are not turned yet",
        "rope_dims | 0 | it does not say how its keys were turned",
        "rope_dims | 2 | keys of layer 0 are turned in 2 elements",
        "rope_theta | 500000.0 | with base 500000.0, those of the model in 4 with 10000.0",
      })
  void refusesKeysThatAreTurnedOtherwise(String name, String value, String reason)
      throws IOException {
    try (KvSource capture = capture(metadata(name, value), true)) {
      refused(TARGET, capture, Dtype.F16, reason);
    }
  }

  @Test
  void refusesWhatTheModelCannotGoOnFrom() throws IOException {
    RopeSpec rope = MODEL.rope();
    try (KvSource capture = capture(metadata(), true)) {
      refused(model(2, 2, 4, 256, rope), capture, "it has 1 layers, the model 2");
      refused(model(1, 1, 8, 256, rope), capture, "layer 0 has 2 KV heads of 4 and 4 elements");
      refused(model(1, 2, 4, 66, rope), capture, "its token ids go up to 66 or more");
      refused(
          new LlamaTarget(Optional.empty(), Optional.empty()),
          capture,
          Dtype.F16,
          "--gguf MODEL is needed");
      refused(
          new LlamaTarget(Optional.of(MODEL), Optional.of(true)),
          capture,
          Dtype.F32,
          "flash attention does not read f32");
    }
    try (KvSource capture = capture(metadata(), false)) {
      refused(TARGET, capture, Dtype.F16, "it holds no token ids");
    }
    byte[] quantized = LlamaKindTest.state("cells", false, 8);
    try (KvSource opaque = Kv.open(folder.resolve("slot"), quantized, KindOptions.NONE)) {
      refused(TARGET, opaque, Dtype.F16, "its keys and values cannot be told apart");
    }
    byte[] slot = LlamaKindTest.state("cells", false, 1);
    try (KvSource read = Kv.open(folder.resolve("slot"), slot, KindOptions.NONE)) {
      refused(model(2, 2, 4, 256, rope), read, "layer 0 has 1 KV heads of 4 and 4 elements");
    }
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  private static LlamaTarget model(
      int layers, int kvHeads, int dim, int vocabulary, RopeSpec rope) {
    return new LlamaTarget(
        Optional.of(
            new ModelDimensions("llama", layers, 2, kvHeads, dim, dim, 64, vocabulary, rope)),
        Optional.empty());
  }

  private void refused(LlamaTarget target, KvSource from, String reason) throws IOException {
    refused(target, from, Dtype.F16, reason);
  }

  private void refused(LlamaTarget target, KvSource from, Dtype dtype, String reason) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> target.begin(folder.resolve("refused"), from, dtype).sink().close())
        .withMessageContaining(reason);
  }
}
