package dev.varve.sdk.internal.device;

import dev.varve.store.cuda.CudaDriver;
import dev.varve.store.cuda.DeviceMemory;
import java.lang.foreign.MemorySegment;

/**
 * Memory of a device and as much of the host, between which values go up or down. For one thread at
 * a time.
 */
final class TransferMemory implements AutoCloseable {
  private final DeviceMemory device;
  private final HostPages host;

  /**
   * Takes both.
   *
   * @throws dev.varve.store.cuda.CudaException if the device has no memory left for it
   */
  TransferMemory(CudaDriver driver, long bytes) {
    this.device = new DeviceMemory(driver, bytes);
    this.host = new HostPages(driver, bytes);
  }

  /** Where it begins on the device. */
  long device() {
    return device.address();
  }

  /** The host's part. */
  MemorySegment host() {
    return host.bytes();
  }

  /** Gives both back; work that uses them must be done. */
  @Override
  public void close() {
    host.close();
    device.close();
  }
}
