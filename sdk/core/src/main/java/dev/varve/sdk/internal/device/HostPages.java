package dev.varve.sdk.internal.device;

import dev.varve.store.cuda.CudaDriver;
import dev.varve.store.cuda.CudaException;
import dev.varve.store.cuda.LostDeviceException;
import dev.varve.store.cuda.PinnedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Host memory that a device copies: pinned where that can be had, else ordinary and slower. */
final class HostPages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostPages.class);
  private static final long ALIGNMENT = 4096;

  private final Arena arena = Arena.ofShared();
  private @Nullable PinnedMemory pinned;
  private final MemorySegment bytes;

  /** Takes so much memory, whatever is in it. */
  HostPages(CudaDriver driver, long size) {
    this.bytes = take(driver, size);
  }

  private MemorySegment take(CudaDriver driver, long size) {
    try {
      pinned = new PinnedMemory(driver, size);
      return pinned.bytes();
    } catch (LostDeviceException e) {
      throw e;
    } catch (CudaException e) {
      LOG.warn("queries reach the GPU through memory that is not pinned: {}", e.getMessage());
      return arena.allocate(size, ALIGNMENT);
    }
  }

  /** The memory; not to be used after {@link #close}. */
  MemorySegment bytes() {
    return bytes;
  }

  @Override
  public void close() {
    arena.close();
    if (pinned != null) {
      pinned.close();
    }
  }
}
