package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.GpuConfig;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.FakeDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

@Tag("tool")
class EmulatedDeviceDecodingTest extends DeviceDecodingContract {
  private final FakeDriver driver = FakeDriver.emulated(64 << 20);

  @Override
  GpuConfig gpu() {
    return new GpuConfig(
        number -> new CudaDevice(driver), 0, 1 << 20, GpuConfig.Need.REQUIRED, true);
  }

  @AfterEach
  void theKernelsRanAndNothingIsLeft() {
    assertThat(driver.launches()).isPositive();
    assertThat(driver.left()).isZero();
  }
}
