package dev.varve.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.GpuConfig;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.FakeDriver;
import dev.varve.store.cuda.KernelDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuBenchTest {
  @TempDir Path folder;

  @Test
  void measuresEveryLineOfTheGoal() {
    GpuBench.Sizes sizes = new GpuBench.Sizes(128, 1, 4, 64, 2, 32, 1 << 13, 1);
    try (KernelDevice device = KernelDevice.emulated()) {
      List<Finding> findings = new GpuBench(device.device(), sizes, GpuPeers.NONE).run();
      assertThat(findings)
          .extracting(Finding::name)
          .containsExactly(
              "copy on the device",
              "copy to the device, pinned",
              "copy from the device, pinned",
              "to the device through the ring",
              "from the device through the ring",
              "full decode, batch 1",
              "full decode, batch 2",
              "score keys and vote",
              "top 32 of 128, 1 rows",
              "attend to the chosen",
              "select and attend",
              "score, select and attend",
              "gather rows of 1 KiB from pinned memory",
              "gather rows of 1 KiB on the device",
              "quantize to 8 bits",
              "dequantize 8 bits",
              "quantize to 4 bits",
              "dequantize 4 bits",
              "a launch, as its caller waits");
      assertThat(findings).allSatisfy(finding -> assertThat(finding.value()).isNotNegative());
    }
  }

  @Test
  void measuresTheStepOfASession() {
    GpuBench.Sizes sizes = new GpuBench.Sizes(256, 1, 4, 64, 2, 32, 1 << 13, 3);
    FakeDriver driver = FakeDriver.emulated(16 << 20);
    GpuConfig gpu =
        new GpuConfig(number -> new CudaDevice(driver), 0, 1 << 20, GpuConfig.Need.REQUIRED, true);
    AtomicLong clock = new AtomicLong();
    Finding finding = new GpuSessionBench(gpu, sizes, () -> clock.getAndAdd(5000)).run(2);
    assertThat(finding.value()).isEqualTo(5);
    assertThat(finding.probed()).hasValue(2);
    // Once ahead and three times by the clock, two kernels each.
    assertThat(driver.launches()).isEqualTo(8);
    assertThat(driver.left()).isZero();
  }

  @Test
  void readsTimesOfOthers() throws IOException {
    Path file = folder.resolve("peers");
    Files.writeString(file, "top_k\t17.5\nfull decode, batch 1\t130\n");
    GpuPeers peers = GpuPeers.read(file);
    assertThat(peers.of("top_k")).hasValue(17.5);
    assertThat(peers.of("select")).isEmpty();
    Finding finding = peers.beside(Finding.of("x", 10, "us"), "torch.topk", "top_k");
    assertThat(finding.probed()).hasValue(17.5);
    assertThat(finding.probe()).isEqualTo("torch.topk");
  }

  @Test
  void refusesTimesThatAreNone() throws IOException {
    for (String line : List.of("top_k 17", "top_k\tfast", "top_k\t-1", "\t5", "a\tInfinity")) {
      Path file = folder.resolve("peers");
      Files.writeString(file, line + "\n");
      assertThatThrownBy(() -> GpuPeers.read(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(line);
    }
  }
}
