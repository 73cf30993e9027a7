package dev.varve.sdk.internal;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.internal.device.DeviceAttentions;
import dev.varve.sdk.internal.device.DeviceHot;
import dev.varve.sdk.internal.device.ServedLayers;
import dev.varve.store.ModelGeometry;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaException;
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
 * @param device where it lies; empty for native memory
 */
record HotMemory(HotPool pool, Optional<DeviceHot> device) {
  private static final Logger LOG = LoggerFactory.getLogger(HotMemory.class);

  /**
   * Takes the memory.
   *
   * @param machine on which all tiers must fit
   */
  static HotMemory open(CacheConfig config, ModelGeometry geometry, Machine machine) {
    Optional<GpuConfig> gpu = config.gpu().filter(wished -> serves(wished, geometry));
    Optional<HotMemory> there = gpu.flatMap(wished -> tryDevice(config, geometry, wished, machine));
    if (there.isPresent()) {
      return there.get();
    }
    machine.check(config, config.hotBytes());
    return new HotMemory(new HotPool(config.hotBytes(), geometry.largestBlock()), Optional.empty());
  }

  /** Whoever did not ask for a GPU gets it only if every layer gains. */
  private static boolean serves(GpuConfig gpu, ModelGeometry geometry) {
    Optional<String> refusal =
        gpu.need() == GpuConfig.Need.WELCOME
            ? new ServedLayers(geometry).refusal()
            : Optional.empty();
    refusal.ifPresent(reason -> LOG.debug("the hot tier lies in native memory: {}", reason));
    return refusal.isEmpty();
  }

  private static Optional<HotMemory> tryDevice(
      CacheConfig config, ModelGeometry geometry, GpuConfig gpu, Machine machine) {
    CudaDevice device;
    try {
      device = gpu.devices().apply(gpu.device());
    } catch (StoreException e) {
      // Whoever did not ask for a GPU hears of it only if there is one.
      boolean silent = gpu.need() == GpuConfig.Need.WELCOME && !(e instanceof CudaException);
      return without(gpu, e, silent);
    }
    try {
      machine.check(config, gpu.pinnedBytes());
      return Optional.of(onDevice(device, config.hotBytes(), geometry, gpu));
    } catch (StoreException e) {
      device.close();
      return without(gpu, e, false);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  private static Optional<HotMemory> without(GpuConfig gpu, StoreException e, boolean silent) {
    if (gpu.need() == GpuConfig.Need.REQUIRED) {
      throw e;
    }
    if (silent) {
      LOG.debug("the hot tier lies in native memory: {}", e.getMessage());
    } else {
      LOG.warn("the hot tier lies in native memory: {}", e.getMessage());
    }
    return Optional.empty();
  }

  /** On a device that the pool closes; the caller does if this throws. */
  private static HotMemory onDevice(
      CudaDevice device, long bytes, ModelGeometry geometry, GpuConfig gpu) {
    AtomicReference<@Nullable DeviceAttentions> attends = new AtomicReference<>();
    Runnable atEnd =
        () -> {
          DeviceAttentions made = attends.get();
          if (made != null) {
            made.close();
          }
          device.close();
        };
    HotPool pool =
        new HotPool(device.slots(bytes, geometry.largestBlock(), gpu.pinnedBytes(), atEnd));
    try {
      LOG.info("the hot tier lies on {}", device.info().line());
      Optional<DeviceAttentions> kernels =
          gpu.kernels() ? kernels(device, geometry, pool) : Optional.empty();
      kernels.ifPresent(attends::set);
      return new HotMemory(pool, Optional.of(new DeviceHot(device, kernels)));
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
