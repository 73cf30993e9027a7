package dev.varve.llamacpp.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.llamacpp.LlamaException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfTestTest {
  private static final MemorySegment EXPECTED = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});

  @Test
  void acceptsEqualDefaults() {
    assertThatCode(() ->
            SelfTest.compare("lib", "params", a -> a.allocate(4, 1).copyFrom(EXPECTED), EXPECTED))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesOtherDefaults() {
    assertThatThrownBy(() -> SelfTest.compare("lib", "params", a -> a.allocate(4, 1), EXPECTED))
        .isInstanceOf(LlamaException.class)
        .hasMessageStartingWith("lib: has other defaults at byte 0 of params");
  }

  @Test
  void refusesALargerStruct() {
    assertThatThrownBy(() ->
            SelfTest.compare(
                "lib",
                "params",
                a -> {
                  MemorySegment larger = a.allocate(8, 1).fill((byte) 0);
                  return larger.asSlice(0, 4).copyFrom(EXPECTED);
                },
                EXPECTED))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("a params of more than 4 bytes");
  }

  @Test
  void findsFeaturesThatAProcessorLacks(@TempDir Path folder) throws IOException {
    Path old = Files.writeString(folder.resolve("cpuinfo"), "flags\t: fpu avx fma f16c bmi2\n");
    Path arm = Files.writeString(folder.resolve("arm"), "Features\t: fp asimd\n");
    assertThat(BundledLibrary.missingFeature(old)).hasValue("avx2");
    assertThat(BundledLibrary.missingFeature(arm)).isEmpty();
    assertThat(BundledLibrary.missingFeature(folder.resolve("absent"))).isEmpty();
  }

  @Test
  void saysWhereThereIsNoLibrary() {
    assertThatThrownBy(() -> BundledLibrary.with("Windows 11", "amd64", file -> file))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("Windows 11 on amd64");
    assertThatThrownBy(() -> BundledLibrary.with("Linux", "riscv64", file -> file))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("Linux on riscv64");
  }
}
