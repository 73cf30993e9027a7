package dev.varve.store.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class CudaProbeTest {

  @TempDir private Path folder;

  @Test
  void saysInOneLineWhatItFound() {
    CudaFinding finding = CudaProbe.look();
    assertThat(finding.line()).isNotBlank().doesNotContain("\n").hasSizeLessThan(160);
  }

  @Test
  void missesADriverThatIsNotThere() {
    assertThat(CudaProbe.look("libvarve-no-such-driver.so.1"))
        .isEqualTo(
            new CudaFinding.Missing(
                "no NVIDIA driver here: libvarve-no-such-driver.so.1 cannot be loaded"));
  }

  @Test
  void missesADriverThatIsAnotherLibrary() {
    assertThat(CudaProbe.look("libc.so.6").line())
        .isEqualTo("libc.so.6 is no CUDA driver: it has no cuDriverGetVersion");
  }

  /** A library in the driver's place, whose calls answer what the test wants. */
  private CudaFinding look(int version, int started, int counted, int devices) throws Exception {
    String source =
        """
        int cuDriverGetVersion(int *version) { *version = %d; return 0; }
        int cuInit(unsigned flags) { return %d; }
        int cuDeviceGetCount(int *count) { *count = %d; return %d; }
        """
            .formatted(version, started, devices, counted);
    Path file = Files.writeString(folder.resolve("driver.c"), source);
    Path library = folder.resolve("libdriver.so");
    try {
      Process compiler =
          new ProcessBuilder("gcc", "-shared", "-fPIC", "-o", library.toString(), file.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(compiler.getInputStream().readAllBytes(), UTF_8);
      assertThat(compiler.waitFor()).as(output).isZero();
    } catch (IOException e) {
      Assumptions.abort("gcc is not installed: " + e.getMessage());
    }
    return CudaProbe.look(library.toString());
  }

  @Test
  void refusesAnOldDriver() throws Exception {
    assertThat(look(11_040, 0, 0, 1).line())
        .isEqualTo(
            "the NVIDIA driver speaks CUDA 11.4, below the 12.0 that the kernels need: update it to"
                + " branch 525 or later");
  }

  @Test
  void saysThatADriverDoesNotStart() throws Exception {
    assertThat(look(12_040, 803, 0, 1).line())
        .isEqualTo(
            "the NVIDIA driver does not start: cuInit says 803 (driver and kernel module differ)");
  }

  @Test
  void saysThatADriverShowsNoGpu() throws Exception {
    assertThat(look(13_000, 0, 0, 0).line())
        .isEqualTo("an NVIDIA driver but no GPU that it may use");
  }

  @Test
  void findsTheGpusOfADriver() throws Exception {
    assertThat(look(13_000, 0, 0, 2)).isEqualTo(new CudaFinding.Found(13_000, 2));
  }

  @Test
  void opensNothingWhereThereIsNothing() {
    Assumptions.assumeTrue(
        CudaProbe.look() instanceof CudaFinding.Missing, "this machine has a GPU");
    assertThatThrownBy(() -> CudaDevice.open(0))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("no GPU can be used: ");
  }
}
