package dev.varve.engine;

import dev.varve.sdk.GpuConfig;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDeviceDecodingTest extends DeviceDecodingContract {

  @Override
  GpuConfig gpu() {
    return GpuConfig.first();
  }
}
