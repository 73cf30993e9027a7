package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class BadModelTest {
  @TempDir Path folder;

  @Test
  void refusesATruncatedModel() throws IOException {
    LlamaLibrary library = Native.library();
    byte[] whole = Files.readAllBytes(SmallModel.write(folder.resolve("whole.gguf"), 1));
    Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> library.openModel(cut))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("is truncated: the tensor '");
  }

  @Test
  void refusesAnotherArchitecture() throws IOException {
    LlamaLibrary library = Native.library();
    Path mamba = SmallModel.write(folder.resolve("mamba.gguf"), 1, "mamba", 32);
    assertThatThrownBy(() -> library.openModel(mamba))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("architecture 'mamba'");
  }

  @Test
  void tellsWhyTheEngineRefusesAModel() throws IOException {
    LlamaLibrary library = Native.library();
    Path odd = SmallModel.write(folder.resolve("odd.gguf"), 1, "llama", 16);
    assertThatThrownBy(() -> library.openModel(odd))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("llama.cpp refuses it")
        .hasMessageContaining("n_rot");
  }

  @Test
  void refusesAContextOfNoTokens() {
    assertThatThrownBy(() -> ContextOptions.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokens of a context");
  }
}
