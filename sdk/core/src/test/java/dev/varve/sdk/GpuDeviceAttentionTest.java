package dev.varve.sdk;

import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDeviceAttentionTest extends DeviceAttentionContract {

  @Override
  GpuConfig gpu() {
    return GpuConfig.first().pinning(1 << 20);
  }
}
