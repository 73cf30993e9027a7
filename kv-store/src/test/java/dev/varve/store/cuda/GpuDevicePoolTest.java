package dev.varve.store.cuda;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDevicePoolTest extends DevicePoolContract {
  private @Nullable CudaDevice device;

  @Override
  protected CudaDevice device() {
    if (device == null) {
      device = CudaDevice.open(0);
    }
    return device;
  }

  @Override
  protected void closed() {
    device().close();
  }
}
