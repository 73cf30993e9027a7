package dev.varve.sdk.internal.device;

import dev.varve.store.cuda.CudaDriver;
import dev.varve.store.cuda.DeviceMemory;

/** What a device's attention works in, taken as a whole or not at all. For one thread at a time. */
final class AttentionMemory implements AutoCloseable {
  private final TransferMemory up;
  private final TransferMemory down;
  private final DeviceMemory scratch;

  /**
   * Takes memory for launches that need {@code space}, and for lists of so many bytes beside the
   * queries.
   *
   * @throws dev.varve.store.cuda.CudaException if the device has no memory left for it
   */
  AttentionMemory(CudaDriver driver, AttentionSpace space, long listBytes) {
    this.up = new TransferMemory(driver, listBytes + space.queries());
    try {
      this.down = new TransferMemory(driver, space.results());
    } catch (RuntimeException e) {
      up.close();
      throw e;
    }
    try {
      this.scratch = new DeviceMemory(driver, space.scratch());
    } catch (RuntimeException e) {
      down.close();
      up.close();
      throw e;
    }
  }

  /** Lists and queries. */
  TransferMemory up() {
    return up;
  }

  /** Outputs and log-sum-exps. */
  TransferMemory down() {
    return down;
  }

  /** Partials of splits, on the device. */
  long scratch() {
    return scratch.address();
  }

  @Override
  public void close() {
    scratch.close();
    down.close();
    up.close();
  }
}
