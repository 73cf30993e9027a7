package dev.varve.store.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory of somebody else that is pinned where it lies, so that the device copies it without
 * a detour, with a visible end. Works for anonymous memory; the operating system refuses most
 * mapped files, and then nothing is pinned. One call of the driver takes at most a few GiB here,
 * because very large ones fail on some drivers.
 */
public final class RegisteredMemory implements AutoCloseable {
  private static final long LARGEST = 4L << 30;
  private static final long PAGE = 4096;

  private final CudaDriver driver;
  private final List<Long> pieces = new ArrayList<>();

  /**
   * Pins whole pages.
   *
   * @param memory begins and ends at a page; must outlive this
   * @throws CudaException if it is refused; nothing is pinned then
   */
  public RegisteredMemory(CudaDriver driver, MemorySegment memory) {
    if (!memory.isNative() || memory.address() % PAGE != 0 || memory.byteSize() % PAGE != 0) {
      throw new IllegalArgumentException(
          "only whole pages of native memory can be pinned: %s".formatted(memory));
    }
    this.driver = driver;
    try {
      for (long at = 0; at < memory.byteSize(); at += LARGEST) {
        long bytes = Math.min(LARGEST, memory.byteSize() - at);
        driver.register(memory.address() + at, bytes);
        pieces.add(memory.address() + at);
      }
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    while (!pieces.isEmpty()) {
      driver.unregister(pieces.removeLast());
    }
  }
}
