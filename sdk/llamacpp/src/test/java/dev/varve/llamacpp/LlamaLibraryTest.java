package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "the jar's library is opened as Linux on x86-64 has it")
@Tag("tool")
class LlamaLibraryTest {
  @TempDir Path folder;

  private static byte[] bundled() throws IOException {
    try (InputStream in =
        LlamaLibraryTest.class.getResourceAsStream("/de/kherud/llama/Linux/x86_64/libjllama.so")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  void loadsTheBundledLibraryOnce() {
    assertThat(Native.library()).isSameAs(Native.library());
    assertThat(Native.library().build()).isEqualTo("b4916");
  }

  @Test
  void loadsALibraryOfTheUser() throws IOException {
    Native.library();
    Path file = Files.write(folder.resolve("libllama.so"), bundled());
    LlamaLibrary library = LlamaLibrary.open(file);
    try (LlamaModel model = library.openModel(SmallModel.write(folder.resolve("small.gguf"), 1))) {
      assertThat(model.vocabulary()).isEqualTo(256);
    }
  }

  @Test
  void refusesWhatIsNoLibrary() throws IOException {
    byte[] whole = bundled();
    Path missing = folder.resolve("absent.so");
    Path text = Files.writeString(folder.resolve("text.so"), "no library".repeat(20));
    Path cut = Files.write(folder.resolve("cut.so"), Arrays.copyOf(whole, 3_000_000));
    byte[] other = whole.clone();
    other[18] = 40;
    Path arm = Files.write(folder.resolve("arm.so"), other);

    refused(missing, "no such file");
    refused(text, "is no shared library");
    refused(cut, "is truncated");
    refused(arm, "no shared library for this processor");
  }

  private static void refused(Path file, String reason) {
    assertThatThrownBy(() -> LlamaLibrary.open(file))
        .isInstanceOf(MissingLibraryException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void refusesALibraryThatIsNoLlama() {
    Path zip = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    assertThatThrownBy(() -> LlamaLibrary.open(zip))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("has no function llama_model_default_params")
        .hasMessageContaining("build b4916");
  }

  @Test
  void refusesAnotherBuild() throws IOException {
    Native.library();
    byte[] other = bundled();
    int at = place(other, 4916);
    other[at] = 1;
    Path file = Files.write(folder.resolve("libllama.so"), other);
    assertThatThrownBy(() -> LlamaLibrary.open(file))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("says that it is b")
        .hasMessageContaining("build b4916");
  }

  /** Where the build number lies: the words beside it are addresses. */
  private static int place(byte[] library, int number) {
    for (int at = 0x400000; at < library.length - 4; at += 4) {
      int value =
          (library[at] & 0xFF)
              | (library[at + 1] & 0xFF) << 8
              | (library[at + 2] & 0xFF) << 16
              | library[at + 3] << 24;
      if (value == number) {
        return at;
      }
    }
    throw new IllegalStateException("the library does not hold its build number");
  }
}
