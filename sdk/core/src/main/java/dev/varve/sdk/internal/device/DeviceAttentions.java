package dev.varve.sdk.internal.device;

import dev.varve.store.ModelGeometry;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaError;
import dev.varve.store.cuda.CudaException;
import dev.varve.store.cuda.LostDeviceException;
import dev.varve.store.hot.HotPool;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends {@link DeviceAttention} to the threads that attend on one cache: as many as attend at the
 * same time, or as the device has memory for; then threads wait for each other. Thread-safe.
 */
public final class DeviceAttentions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceAttentions.class);

  private final CudaDevice device;
  private final ModelGeometry geometry;
  private final HotPool hot;
  private final ServedLayers served;
  private final BlockingDeque<DeviceAttention> idle = new LinkedBlockingDeque<>();

  private DeviceAttentions(
      CudaDevice device, ModelGeometry geometry, HotPool hot, ServedLayers served) {
    this.device = device;
    this.geometry = geometry;
    this.hot = hot;
    this.served = served;
  }

  /**
   * Loads the kernels and takes memory for one thread.
   *
   * @param hot lies on {@code device}
   * @throws CudaException if the device takes no kernel, or has no memory left beside the hot tier
   */
  public static DeviceAttentions open(
      CudaDevice device, ModelGeometry geometry, HotPool hot, ServedLayers served) {
    DeviceAttentions made = new DeviceAttentions(device, geometry, hot, served);
    made.giveBack(made.more());
    return made;
  }

  private DeviceAttention more() {
    return new DeviceAttention(device, geometry, hot, served);
  }

  /** Whether {@code layer} can be attended on the device. */
  public boolean serves(int layer) {
    return served.serves(layer);
  }

  /** One for the calling thread, until {@link #giveBack}. */
  public DeviceAttention borrow() {
    DeviceAttention found = idle.pollFirst();
    if (found != null) {
      return found;
    }
    try {
      return more();
    } catch (CudaException e) {
      if (e.code() != CudaError.OUT_OF_MEMORY) {
        throw e;
      }
      LOG.debug("another thread's attention has no room on the GPU: {}", e.getMessage());
    }
    try {
      return idle.takeFirst();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while other threads attend on the GPU", e);
    }
  }

  /** Ends {@link #borrow}. */
  public void giveBack(DeviceAttention attention) {
    idle.addFirst(attention);
  }

  /** Gives everything back; nobody attends any more. Idempotent. */
  @Override
  public void close() {
    DeviceAttention each = idle.pollFirst();
    while (each != null) {
      try {
        each.close();
      } catch (LostDeviceException e) {
        LOG.error("attention ends on its side of the bus only: {}", e.getMessage());
      }
      each = idle.pollFirst();
    }
  }
}
