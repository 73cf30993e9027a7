package dev.varve.store.cuda;

import java.lang.foreign.MemorySegment;

/** An order of work on the device with a visible end; ending it waits for the work. */
public final class CudaStream implements AutoCloseable {
  private final CudaDriver driver;
  private final CudaDriver.Stream stream;
  private boolean open = true;

  /** A stream that waits for no other. */
  public CudaStream(CudaDriver driver) {
    this.driver = driver;
    this.stream = driver.newStream();
  }

  /** The stream, for calls of the driver. */
  public CudaDriver.Stream handle() {
    return stream;
  }

  /**
   * Copies native memory to the device, after the work before it. The memory must stay as it is
   * until the stream has passed here.
   */
  public void copyToDevice(long device, MemorySegment host) {
    driver.copyToDevice(device, address(host), host.byteSize(), stream);
  }

  /** Copies from the device to all of {@code host}, after the work before it. */
  public void copyToHost(MemorySegment host, long device) {
    driver.copyToHost(address(host), device, host.byteSize(), stream);
  }

  /** The driver reads after the call returned, when an array of the heap may lie elsewhere. */
  private static long address(MemorySegment host) {
    if (!host.isNative()) {
      throw new IllegalArgumentException(
          "the device copies native memory only, not an array of the heap");
    }
    return host.address();
  }

  /** Waits until the work so far is done. */
  public void await() {
    driver.await(stream);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      try {
        driver.await(stream);
      } finally {
        driver.destroy(stream);
      }
    }
  }
}
