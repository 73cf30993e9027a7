package dev.varve.engine;

import dev.varve.sdk.GpuConfig;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuDeviceCacheTest extends DeviceCacheContract {

  @Override
  GpuConfig gpu(long pinnedBytes) {
    return GpuConfig.first().pinning(pinnedBytes).attendingOnProcessor();
  }
}
