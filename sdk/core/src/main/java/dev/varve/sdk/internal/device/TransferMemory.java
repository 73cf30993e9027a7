package dev.varve.sdk.internal.device;

import dev.varve.store.cuda.CudaDriver;
import dev.varve.store.cuda.CudaException;
import dev.varve.store.cuda.DeviceMemory;
import dev.varve.store.cuda.LostDeviceException;
import dev.varve.store.cuda.PinnedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory of a device and as much of the host, between which values go up or down: pinned where that
 * can be had, else ordinary memory, which is slower. For one thread at a time.
 */
final class TransferMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TransferMemory.class);
  private static final long ALIGNMENT = 4096;

  private final DeviceMemory device;
  private final Arena arena = Arena.ofShared();
  private @Nullable PinnedMemory pinned;
  private final MemorySegment host;

  /**
   * Takes both.
   *
   * @throws CudaException if the device has no memory left for it
   */
  TransferMemory(CudaDriver driver, long bytes) {
    this.device = new DeviceMemory(driver, bytes);
    this.host = hostMemory(driver, bytes);
  }

  private MemorySegment hostMemory(CudaDriver driver, long bytes) {
    try {
      pinned = new PinnedMemory(driver, bytes);
      return pinned.bytes();
    } catch (LostDeviceException e) {
      throw e;
    } catch (CudaException e) {
      LOG.warn("queries reach the GPU through memory that is not pinned: {}", e.getMessage());
      return arena.allocate(bytes, ALIGNMENT);
    }
  }

  /** Where it begins on the device. */
  long device() {
    return device.address();
  }

  /** The host's part. */
  MemorySegment host() {
    return host;
  }

  /** Gives both back; work that uses them must be done. */
  @Override
  public void close() {
    arena.close();
    if (pinned != null) {
      pinned.close();
    }
    device.close();
  }
}
