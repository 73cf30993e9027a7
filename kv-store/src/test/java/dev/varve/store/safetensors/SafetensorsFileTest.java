package dev.varve.store.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

  private static final String TWO_BYTES =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";

  @TempDir Path folder;

  @Test
  void readsTensorsAndMetadata() throws IOException {
    Path file =
        write(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"b\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[2,6]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1,2],\"data_offsets\":[0,2]}}  ",
            6);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile read = SafetensorsFile.open(file, arena);
      assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(read.tensors().keySet()).containsExactly("a", "b");
      assertThat(read.tensor("a").spec()).isEqualTo(TensorSpec.of("a", TensorType.U8, 1, 2));
      assertThat(read.tensor("a").data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 1);
      assertThat(read.tensor("b").data().byteSize()).isEqualTo(4);
      assertThat(read.path()).isEqualTo(file);
    }
  }

  @Test
  void namesATensorThatIsNotThere() throws IOException {
    Path file = write(TWO_BYTES, 2);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile read = SafetensorsFile.open(file, arena);
      assertThatThrownBy(() -> read.tensor("c"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("'c'")
          .hasMessageContaining(file.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void refusesAFileShorterThanTheLengthOfItsHeader(int bytes) throws IOException {
    Path file = Files.write(folder.resolve("short.safetensors"), new byte[bytes]);
    refuses(file, "header length, this one has " + bytes + " bytes");
  }

  @ParameterizedTest
  @ValueSource(longs = {100, Long.MAX_VALUE, -1, 3})
  void refusesAHeaderLongerThanTheFile(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path file = Files.write(folder.resolve("header.safetensors"), bytes.array());
    refuses(file, "at most 2 are possible");
  }

  @Test
  void saysWhatIsWrongWithAHeaderInPlainWords() throws IOException {
    String tensor = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";
    refuses(
        write("{" + tensor + "," + tensor + "}", 2), "not valid JSON: Duplicate property \"a\"");
    refuses(
        write("{\"a\":".repeat(600), 2), "nesting depth (501) exceeds the maximum allowed (500");
    for (String json : new String[] {"{" + tensor + "," + tensor + "}", "{\"a\":".repeat(600)}) {
      Path file = write(json, 2);
      assertThatThrownBy(
              () -> {
                try (Arena arena = Arena.ofConfined()) {
                  SafetensorsFile.open(file, arena);
                }
              })
          .message()
          .doesNotContain("DeserializationFeature", "StreamReadConstraints", "`");
    }
  }

  @Test
  void refusesAMissingFile() {
    refuses(folder.resolve("none.safetensors"), "cannot be read");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] whole = Files.readAllBytes(write(TWO_BYTES, 2));
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      refuses(Files.write(folder.resolve("part.safetensors"), part), "part.safetensors");
    }
  }

  @Test
  void refusesBytesBehindTheLastTensor() throws IOException {
    refuses(write(TWO_BYTES, 3), "end at data byte 2, the file has 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "[]; does not begin with '{'",
        "{; not valid JSON",
        "{\"a\":3}; 'a' is not a JSON object",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}; no list 'data_offsets'",
        "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}; no list 'shape'",
        "{\"a\":{\"shape\":[2],\"data_offsets\":[0,2]}}; has the dtype",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]}}; has the dtype \"F4\"",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0]}}; two data_offsets, has [0]",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2.5]}}; 2.5 in 'data_offsets'",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[-2],\"data_offsets\":[0,2]}}; -2 in 'shape'",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,0]}}; give -2",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,2]}}; needs 8 bytes",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}; begins at data byte 1",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}; it is truncated",
        "{\"\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}; cannot be named ''",
        "{\"__metadata__\":{\"a\":1}}; __metadata__.a is not a text",
        "{\"__metadata__\":[]}; '__metadata__' is not a JSON object",
        "{} {}; not valid JSON",
      })
  void refusesAForeignHeader(String json, String sentence) throws IOException {
    refuses(write(json, 2), sentence);
  }

  @ParameterizedTest
  @EnumSource
  void readsTensorsOfEveryType(TensorType type) throws IOException {
    String json =
        "{\"a\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%d]}}"
            .formatted(type, 3 * type.bytes());
    try (Arena arena = Arena.ofConfined()) {
      Path file = write(json, 3 * type.bytes());
      assertThat(SafetensorsFile.open(file, arena).tensors().values())
          .extracting(Tensor::spec)
          .containsExactly(TensorSpec.of("a", type, 3));
    }
    refuses(write(json, 3 * type.bytes() + 1), "the tensors end at data byte");
  }

  @Test
  void refusesAShapeBeyondSixtyThreeBits() throws IOException {
    String json =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}";
    refuses(write(json, 0), "larger than 2^63 bytes");
    refuses(write(json.replace("[0,0]", "[0,99999999999999999999]"), 0), "from 0 to 2^63 - 1");
  }

  @Test
  void refusesOverlapsAndSecondNames() throws IOException {
    String a = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";
    String b = "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}";
    refuses(write("{" + a + "," + b + "}", 3), "begins at data byte 1; the tensor before it");
    refuses(write("{" + a + "," + a + "}", 2), "not valid JSON");
  }

  private Path write(String json, int dataBytes) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return Files.write(folder.resolve("file.safetensors"), bytes.array());
  }

  private static void refuses(Path file, String sentence) {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> SafetensorsFile.open(file, arena))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith(file + ": ")
          .hasMessageContaining(sentence);
    }
  }
}
