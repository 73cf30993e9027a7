package dev.varve.llamacpp.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.llamacpp.LlamaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("model.gguf");
    model("llama", 4, 64).write(file);
  }

  private static GgufWriter model(String architecture, int heads, int hidden) {
    return new GgufWriter()
        .text("general.architecture", architecture)
        .number(architecture + ".context_length", 4096)
        .number(architecture + ".embedding_length", hidden)
        .number(architecture + ".block_count", 2)
        .number(architecture + ".attention.head_count", heads)
        .real(architecture + ".rope.freq_base", 5000f)
        .flag("tokenizer.ggml.add_bos_token", false)
        .texts("tokenizer.ggml.tokens", List.of("a", "b", "é"))
        .numbers("tokenizer.ggml.token_type", List.of(1, 1, 1))
        .tensor("first", List.of(4L, 3L), GgmlType.F16, new byte[24])
        .tensor("second", List.of(64L), GgmlType.Q8_0, new byte[68]);
  }

  @Test
  void readsWhatWasWritten() {
    GgufFile read = GgufFile.read(file);
    assertThat(read.text("general.architecture")).hasValue("llama");
    assertThat(read.number("llama.rope.freq_base")).hasValue(5000d);
    assertThat(read.tensors())
        .containsExactly(
            new GgufTensor("first", List.of(4L, 3L), GgmlType.F16, 0),
            new GgufTensor("second", List.of(64L), GgmlType.Q8_0, 32));
    ModelDimensions dimensions = ModelDimensions.of(read);
    assertThat(dimensions.layers()).isEqualTo(2);
    assertThat(dimensions.kvHeads()).isEqualTo(4);
    assertThat(dimensions.keyDim()).isEqualTo(16);
    assertThat(dimensions.vocabulary()).isEqualTo(3);
    assertThat(dimensions.layer().rope().theta()).isEqualTo(5000);
  }

  @Test
  void tellsFilesApartByAllTheirBytes() throws IOException {
    String before = GgufFile.read(file).digest();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 40] ^= 1;
    Files.write(file, bytes);
    assertThat(GgufFile.read(file).digest()).isNotEqualTo(before).hasSize(64);
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int data = (int) (GgufFile.read(file).dataOffset() + 32 + 68);
    for (int length = 0; length < data; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> GgufFile.read(file))
          .as("%d bytes", length)
          .isInstanceOf(LlamaException.class)
          .hasMessageStartingWith(file.toString());
    }
  }

  @Test
  void readsOrRefusesEveryDamagedHead() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt((int) GgufFile.read(file).dataOffset())] = (byte) random.nextInt();
      Path other = Files.write(folder.resolve("damaged.gguf"), damaged);
      try {
        ModelDimensions.of(GgufFile.read(other));
      } catch (LlamaException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
  }

  @Test
  void refusesWhatIsNoModelForLlama() throws IOException {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> GgufFile.read(absent)).hasMessageContaining("no such file");
    byte[] bytes = Files.readAllBytes(file);
    bytes[4] = 9;
    Files.write(file, bytes);
    assertThatThrownBy(() -> GgufFile.read(file))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("is of GGUF version 9, read are 2 and 3");
    Files.writeString(file, "{\"not\": \"a model\"}, but long enough to be one");
    assertThatThrownBy(() -> GgufFile.read(file))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("begins with no 'GGUF'");
  }

  @Test
  void refusesAnotherArchitecture() throws IOException {
    Path mamba = folder.resolve("mamba.gguf");
    model("mamba", 4, 64).write(mamba);
    assertThatThrownBy(() -> ModelDimensions.of(GgufFile.read(mamba)))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("is of the architecture 'mamba', supported are llama and qwen2");
  }

  @Test
  void refusesNumbersThatCannotBe() throws IOException {
    Path odd = folder.resolve("odd.gguf");
    model("llama", 3, 64).write(odd);
    assertThatThrownBy(() -> ModelDimensions.of(GgufFile.read(odd)))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("do not divide");
    model("llama", 0, 64).write(odd);
    assertThatThrownBy(() -> ModelDimensions.of(GgufFile.read(odd)))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("'llama.attention.head_count' must be a whole number");
    new GgufWriter().write(odd);
    assertThatThrownBy(() -> ModelDimensions.of(GgufFile.read(odd)))
        .hasMessageContaining("names no architecture");
    model("llama", 4, 64).numbers("tokenizer.ggml.merges", List.of(1)).write(odd);
    assertThatThrownBy(() -> ModelDimensions.of(GgufFile.read(odd)))
        .hasMessageContaining("'tokenizer.ggml.merges' is not the list that the tokens need");
  }
}
