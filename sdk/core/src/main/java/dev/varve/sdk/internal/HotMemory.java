package dev.varve.sdk.internal;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.hot.HotPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the memory of the hot tier where the configuration wants it. */
final class HotMemory {
  private static final Logger LOG = LoggerFactory.getLogger(HotMemory.class);

  private HotMemory() {}

  /** The pool, which owns its memory and the device that it may lie on. */
  static HotPool open(CacheConfig config, long blockBytes) {
    if (config.gpu().isEmpty()) {
      return new HotPool(config.hotBytes(), blockBytes);
    }
    GpuConfig gpu = config.gpu().get();
    try {
      return onDevice(config.hotBytes(), blockBytes, gpu);
    } catch (StoreException e) {
      if (gpu.required()) {
        throw e;
      }
      LOG.warn("the hot tier lies in native memory: {}", e.getMessage());
      Machine.here().checkNativeHot(config);
      return new HotPool(config.hotBytes(), blockBytes);
    }
  }

  private static HotPool onDevice(long bytes, long blockBytes, GpuConfig gpu) {
    CudaDevice device = gpu.devices().apply(gpu.device());
    try {
      HotPool pool = new HotPool(device.owningSlots(bytes, blockBytes, gpu.pinnedBytes()));
      LOG.info("the hot tier lies on {}", device.info().line());
      return pool;
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }
}
