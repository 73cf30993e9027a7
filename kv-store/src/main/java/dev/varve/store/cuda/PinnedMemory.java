package dev.varve.store.cuda;

import dev.varve.store.Checks;
import java.lang.foreign.MemorySegment;

/** Host memory that never moves and that the device reaches at its address, with a visible end. */
public final class PinnedMemory implements AutoCloseable {
  private final CudaDriver driver;
  private final MemorySegment memory;
  private boolean open = true;

  /** Takes so much memory, whatever is in it. */
  public PinnedMemory(CudaDriver driver, long bytes) {
    this.driver = driver;
    this.memory = HostMemory.at(driver.allocatePinned(Checks.positive(bytes, "bytes")), bytes);
  }

  /** The memory; not to be used after {@link #close}. */
  public MemorySegment bytes() {
    return memory;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      driver.freePinned(memory.address());
    }
  }
}
