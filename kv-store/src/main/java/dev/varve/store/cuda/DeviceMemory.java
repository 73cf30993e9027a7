package dev.varve.store.cuda;

import dev.varve.store.Checks;

/** Memory of the device with a visible end. Work that uses it must be done before that. */
public final class DeviceMemory implements AutoCloseable {
  private final CudaDriver driver;
  private final long address;
  private final long bytes;
  private boolean open = true;

  /** Takes so much memory, whatever is in it. */
  public DeviceMemory(CudaDriver driver, long bytes) {
    this.driver = driver;
    this.bytes = Checks.positive(bytes, "bytes");
    this.address = driver.allocate(bytes);
  }

  /** Where it begins. */
  public long address() {
    return address;
  }

  /** How much it is. */
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      driver.free(address);
    }
  }
}
