package dev.varve.sdk;

import dev.varve.store.cuda.CudaDevice;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDeviceAttentionTest extends DeviceAttentionContract {

  @Override
  GpuConfig gpu() {
    return GpuConfig.first().pinning(1 << 20);
  }

  @Override
  CudaDevice device() {
    return CudaDevice.open(0);
  }
}
