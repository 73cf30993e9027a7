package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tool")
class CudaProbeTest {

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

  @Test
  void opensNothingWhereThereIsNothing() {
    Assumptions.assumeTrue(
        CudaProbe.look() instanceof CudaFinding.Missing, "this machine has a GPU");
    assertThatThrownBy(() -> CudaDevice.open(0))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("no GPU can be used: ");
  }
}
