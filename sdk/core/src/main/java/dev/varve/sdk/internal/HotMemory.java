package dev.varve.sdk.internal;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.internal.device.DeviceAttentions;
import dev.varve.sdk.internal.device.ServedLayers;
import dev.varve.store.ModelGeometry;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.hot.HotPool;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of the hot tier, where the configuration wants it.
 *
 * @param pool owns its memory and the device that it may lie on
 * @param device attends to the blocks there; empty where the processor does
 */
record HotMemory(HotPool pool, Optional<DeviceAttentions> device) {
  private static final Logger LOG = LoggerFactory.getLogger(HotMemory.class);

  /** Takes the memory. */
  static HotMemory open(CacheConfig config, ModelGeometry geometry) {
    if (config.gpu().isEmpty()) {
      return inNativeMemory(config, geometry);
    }
    GpuConfig gpu = config.gpu().get();
    try {
      return onDevice(config.hotBytes(), geometry, gpu);
    } catch (StoreException e) {
      if (gpu.required()) {
        throw e;
      }
      LOG.warn("the hot tier lies in native memory: {}", e.getMessage());
      Machine.here().checkNativeHot(config);
      return inNativeMemory(config, geometry);
    }
  }

  private static HotMemory inNativeMemory(CacheConfig config, ModelGeometry geometry) {
    return new HotMemory(new HotPool(config.hotBytes(), geometry.largestBlock()), Optional.empty());
  }

  private static HotMemory onDevice(long bytes, ModelGeometry geometry, GpuConfig gpu) {
    CudaDevice device = gpu.devices().apply(gpu.device());
    AtomicReference<@Nullable DeviceAttentions> attends = new AtomicReference<>();
    Runnable atEnd =
        () -> {
          DeviceAttentions made = attends.get();
          if (made != null) {
            made.close();
          }
          device.close();
        };
    HotPool pool;
    try {
      pool = new HotPool(device.slots(bytes, geometry.largestBlock(), gpu.pinnedBytes(), atEnd));
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
    try {
      LOG.info("the hot tier lies on {}", device.info().line());
      Optional<DeviceAttentions> kernels =
          gpu.kernels() ? kernels(device, geometry, pool) : Optional.empty();
      kernels.ifPresent(attends::set);
      return new HotMemory(pool, kernels);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static Optional<DeviceAttentions> kernels(
      CudaDevice device, ModelGeometry geometry, HotPool pool) {
    ServedLayers served = new ServedLayers(geometry);
    served
        .refusal()
        .ifPresent(reason ->
            LOG.info(
                "{} of {} layers attend on the processor, to copies of blocks: {}",
                served.layers() - served.served(),
                served.layers(),
                reason));
    return served.served() == 0
        ? Optional.empty()
        : Optional.of(DeviceAttentions.open(device, geometry, pool, served));
  }
}
