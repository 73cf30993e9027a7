package dev.varve.engine;

import dev.varve.sdk.GpuConfig;
import dev.varve.store.cuda.CudaDevice;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDeviceCacheTest extends DeviceCacheContract {

  @Override
  GpuConfig gpu(long pinnedBytes) {
    return new GpuConfig(CudaDevice::open, 0, pinnedBytes, true);
  }
}
