package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsKindTest {

  /** Two heads, three tokens, four elements; a batch of one in front. */
  private static final String CACHE =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"key_cache.0\":{\"dtype\":\"F16\",\"shape\":[1,2,3,4],\"data_offsets\":[0,48]},"
          + "\"value_cache.0\":{\"dtype\":\"F16\",\"shape\":[1,2,3,4],\"data_offsets\":[48,96]}}";

  @TempDir Path folder;

  @Test
  void readsTheCacheOfATransformerWithItsBatchOfOne() {
    byte[] data = new Bytes().f16(Bytes.counting(0, 24)).f16(Bytes.counting(100, 24)).array();
    try (KvSource source = open(CACHE, data, KindOptions.NONE)) {
      assertThat(source.description().tokens()).isEqualTo(3);
      assertThat(source.description().shape().dtype()).isEqualTo(Dtype.F16);
      assertThat(source.description().shape().layers().getFirst().kvHeads()).isEqualTo(2);
      assertThat(Kv.read(source, 0, Section.KEYS)).isEqualTo(Bytes.counting(0, 24));
      assertThat(Kv.read(source, 0, Section.VALUES)).isEqualTo(Bytes.counting(100, 24));
      assertThat(Kv.read(source, 0, Section.VALUES, 1, 1))
          .isEqualTo(new float[] {104, 105, 106, 107, 116, 117, 118, 119});
    }
  }

  @Test
  void leavesTensorsOfOtherTypesAsTheyAre() {
    String header =
        CACHE.substring(0, CACHE.length() - 1)
            + ",\"mask\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[96,99]},"
            + "\"scale\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[99,107]}}";
    byte[] data = new Bytes().f16(Bytes.counting(0, 48)).array();
    try (KvSource source = open(header, Arrays.copyOf(data, 107), KindOptions.NONE)) {
      assertThat(source.layout().opaque().getLast().bytes()).isEqualTo(11);
      assertThat(Kv.read(source, 0, Section.KEYS)).isEqualTo(Bytes.counting(0, 24));
    }
    assertRefused(
        CACHE.replace("F16", "F8_E4M3").replace("48", "24").replace("96", "48"),
        new byte[48],
        KindOptions.NONE,
        "tensor 'key_cache.0' is neither f32, f16 nor bf16");
  }

  @Test
  void readsNamesAndAxesThatTheCallerTells() {
    String header =
        "{\"past.0.k\":{\"dtype\":\"F32\",\"shape\":[1,3,2,2],\"data_offsets\":[0,48]},"
            + "\"past.0.v\":{\"dtype\":\"F32\",\"shape\":[1,3,2,2],\"data_offsets\":[48,96]}}";
    byte[] data = new Bytes().f32(Bytes.counting(0, 12)).f32(Bytes.counting(50, 12)).array();
    KindOptions options =
        new KindOptions(
            Optional.of("past.{layer}.k"),
            Optional.of("past.{layer}.v"),
            Optional.of(new AxisOrder("bthd")),
            ShapeHints.NONE);
    try (KvSource source = open(header, data, options)) {
      assertThat(source.description().tokens()).isEqualTo(3);
      assertThat(Kv.read(source, 0, Section.KEYS))
          .isEqualTo(new float[] {0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11});
    }
    assertRefused(header, data, KindOptions.NONE, "no tensor is named like keys");
  }

  /** The first bytes of such a length are those of a pickle: 80 01 to 80 05. */
  @ParameterizedTest
  @ValueSource(ints = {0x180, 0x280, 0x380, 0x480, 0x580})
  void isNoPickleWhateverTheLengthOfItsHeader(int length) {
    byte[] data = new Bytes().f16(Bytes.counting(0, 48)).array();
    String header = CACHE + " ".repeat(length - CACHE.length());
    try (KvSource source = open(header, data, KindOptions.NONE)) {
      assertThat(Kv.read(source, 0, Section.KEYS)).isEqualTo(Bytes.counting(0, 24));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cut.safetensors | the safetensors header says it is 1152921504606846976 bytes long",
        "cut.npy | the array is not a numpy array",
        "cut.npz | the zip archive has no directory at its end",
        "cut.data | the header says 0 bytes of elements, there are 4",
        "cut.varve | no .varve file: it does not begin with 89 56 41 52",
        "old.pkl | is a Python pickle",
        "old.pt | is a Python pickle",
        "none.bin | is none of varve, safetensors",
      })
  void tellsTheFaultOfWhatANameSaysWhereNoContentDoes(String name, String sentence) {
    byte[] bytes = new Bytes().i64(1L << 60).bytes(new byte[24]).array();
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> Kv.open(folder.resolve(name), bytes, KindOptions.NONE).close())
        .withMessageStartingWith(folder.resolve(name).toString())
        .withMessageContaining(sentence);
  }

  @Test
  void writesTheSameBytesInWhateverPiecesTheyCome() throws IOException {
    byte[] data = new Bytes().f16(Bytes.counting(0, 24)).f16(Bytes.counting(100, 24)).array();
    Path copy = folder.resolve("copy");
    for (int span = 1; span <= 4; span++) {
      try (KvSource source = open(CACHE, data, KindOptions.NONE)) {
        Kv.copy(source, copy, span);
      }
      assertThat(copy).hasBinaryContent(Bytes.safetensors(CACHE, data));
    }
  }

  @Test
  void writesANewFileThatReadsBack() throws IOException {
    byte[] data = new Bytes().f16(Bytes.counting(0, 24)).f16(Bytes.counting(100, 24)).array();
    Path copy = folder.resolve("new.safetensors");
    try (KvSource source = open(CACHE, data, KindOptions.NONE);
        KvSink sink =
            FileKinds.create(copy, "safetensors", source.description(), KindOptions.NONE)) {
      Kv.fill(source, sink, 2);
      sink.commit();
    }
    byte[] file = Files.readAllBytes(copy);
    assertThat(new String(file, StandardCharsets.ISO_8859_1))
        .contains("\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[2,3,4],\"data_offsets\":[0,48]}")
        .contains("\"layers.0.values\"");
    assertThat(file).endsWith(data);
  }

  @Test
  void refusesABatchOfSeveralAndSaysHowToSplitIt() {
    String header =
        "{\"key_cache.0\":{\"dtype\":\"F16\",\"shape\":[2,1,3,4],\"data_offsets\":[0,48]},"
            + "\"value_cache.0\":{\"dtype\":\"F16\",\"shape\":[2,1,3,4],\"data_offsets\":[48,96]}}";
    assertRefused(header, new byte[96], KindOptions.NONE, "a batch of 2", "tensor[i:i+1]");
  }

  @Test
  void refusesWhatDoesNotBelongTogether() {
    String front =
        "{\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[1,2,2],\"data_offsets\":[0,8]}";
    assertRefused(front + "}", new byte[8], KindOptions.NONE, "'layers.0.values' is missing");
    assertRefused(
        front
            + ",\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,3,2],\"data_offsets\":[8,20]}}",
        new byte[20],
        KindOptions.NONE,
        "they do not belong together");
    assertRefused(
        front
            + ",\"layers.0.values\":{\"dtype\":\"BF16\",\"shape\":[1,2,2],\"data_offsets\":[8,16]}}",
        new byte[16],
        KindOptions.NONE,
        "one type is needed");
    assertRefused(
        front
            + ",\"layers.0.values\":{\"dtype\":\"I32\",\"shape\":[1,1,2],\"data_offsets\":[8,16]}}",
        new byte[16],
        KindOptions.NONE,
        "neither f32, f16 nor bf16");
    assertRefused(
        front
            + ",\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,2,2],\"data_offsets\":[8,17]}}",
        new byte[17],
        KindOptions.NONE,
        "needs 8 bytes");
    assertRefused(
        front
            + ",\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,2,2],\"data_offsets\":[8,16]}}",
        new byte[12],
        KindOptions.NONE,
        "truncated");
  }

  @Test
  void refusesACaptureThatContradictsItself() {
    String header =
        "{\"__metadata__\":{\"varve.format\":\"capture\",\"varve.version\":\"%s\",\"layers\":\"%s\"},"
            + "\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[1,2,2],\"data_offsets\":[0,8]},"
            + "\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,2,2],\"data_offsets\":[8,16]}}";
    assertRefused(
        header.formatted("2", "1"), new byte[16], KindOptions.NONE, "version 2", "reads version 1");
    assertRefused(
        header.formatted("1", "9"), new byte[16], KindOptions.NONE, "layers = 9", "have 1");
    try (KvSource source = open(header.formatted("1", "1"), new byte[16], KindOptions.NONE)) {
      assertThat(source.description().shape().layers().getFirst().kvHeads()).isEqualTo(1);
      assertThat(source.description().complete()).as("nothing says how queries see it").isFalse();
    }
  }

  private KvSource open(String header, byte[] data, KindOptions options) {
    return Kv.open(folder.resolve("file"), Bytes.safetensors(header, data), options);
  }

  private void assertRefused(String header, byte[] data, KindOptions options, String... sentences) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> open(header, data, options).close())
        .withMessageStartingWith(folder.resolve("file").toString())
        .withMessageContainingAll(sentences);
  }
}
