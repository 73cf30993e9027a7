package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Llama2cModelTest {

  @TempDir Path folder;

  @Test
  void readsTheDimensions() {
    try (LlamaModel model = LlamaModel.open(Models.stories())) {
      RopeSpec rope = RopeSpec.of(8, 10000, RopeSpec.Pairing.INTERLEAVED);
      assertThat(model.config())
          .isEqualTo(new LlamaConfig(5, 64, 172, 8, 4, 8, 512, 512, 1e-5f, rope, true));
      assertThat(model.tokenizer().vocabulary()).isEqualTo(512);
    }
  }

  @Test
  void aFolderWithOneModelIsThatModel() {
    Path stories = Models.stories();
    try (LlamaModel file = LlamaModel.open(stories);
        LlamaModel inFolder = LlamaModel.open(stories.resolveSibling(""))) {
      assertThat(inFolder.modelIdentity()).isEqualTo(file.modelIdentity());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 27})
  void refusesAFileWithoutAHeader(int bytes) throws IOException {
    Path file = Files.write(folder.resolve("m.bin"), new byte[bytes]);
    refuses(file, "begins with 28 bytes of header, this one has " + bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "28, needs bytes 28 to 131100; the file has 28",
    "131100, 'model.layers.0.input_layernorm.weight' needs bytes 131100 to 131356",
    "1056539, weights end at byte 1056540; the file has 1056539",
    "1056541, weights end at byte 1056540; the file has 1056541",
  })
  void refusesAFileOfAnotherLength(int length, String sentence) throws IOException {
    byte[] bytes = Files.readAllBytes(Models.stories());
    Path file = Files.write(folder.resolve("m.bin"), Arrays.copyOf(bytes, length));
    refuses(file, sentence.replace(';', ','));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, hidden size must lie between",
    "1, -5, feed-forward size must lie between",
    "2, 70000, layers must lie between 1 and 65535: 70000",
    "3, 0, heads must lie between 1 and 16384: 0",
    "3, 7, 64 elements do not split into 7 heads",
    "4, 3, queryHeads must be a multiple of kvHeads: 8 over 3",
    "5, -2147483648, vocabulary size must lie between",
    "6, 0, context must lie between",
    "0, 1634415666, 1634415666 elements do not split",
  })
  void refusesHeadersOfNoModel(int field, int value, String sentence) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Models.stories()));
    bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(field * Integer.BYTES, value);
    Path file = Files.write(folder.resolve("m.bin"), bytes.array());
    refuses(file, sentence);
  }

  @Test
  void needsExactlyOneTokenizerOfItsSize() throws IOException {
    Path file = Files.copy(Models.stories(), folder.resolve("m.bin"));
    refuses(file, "needs exactly one tok*.bin of 512 tokens beside it; of [] 0 have them");
    Models.writeTokenizer(folder.resolve("tok260.bin"), "x");
    refuses(file, "tok260.bin] 0 have them");
    Path right = Models.stories().resolveSibling("tok512.bin");
    Files.copy(right, folder.resolve("tok512.bin"));
    try (LlamaModel model = LlamaModel.open(folder)) {
      assertThat(model.tokenizer().vocabulary()).isEqualTo(512);
    }
    Files.copy(right, folder.resolve("tokenizer.bin"));
    refuses(file, "2 have them");
  }

  private static void refuses(Path file, String sentence) {
    assertThatThrownBy(() -> LlamaModel.open(file))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(sentence);
  }
}
