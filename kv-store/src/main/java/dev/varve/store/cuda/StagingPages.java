package dev.varve.store.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Host pages through which slots of a device are filled and viewed: a fixed number of pinned ones,
 * and beyond them pages of ordinary memory, which the device copies more slowly. Pages that were
 * given back are handed out again, pinned ones first. Thread-safe.
 */
final class StagingPages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StagingPages.class);

  private final CudaDriver driver;
  private final Arena arena = Arena.ofShared();
  private final long pageBytes;
  private final Deque<MemorySegment> pinned = new ArrayDeque<>();
  private final Deque<MemorySegment> ordinary = new ArrayDeque<>();
  private final long pinnedAddress;
  private final long pinnedBytes;
  private int ordinaryPages;

  /**
   * Pins memory; where that is refused all pages are ordinary, and the log says so.
   *
   * @param pages how many are pinned
   */
  StagingPages(CudaDriver driver, long pageBytes, int pages) {
    this.driver = driver;
    this.pageBytes = pageBytes;
    this.pinnedBytes = pages * pageBytes;
    long address = 0;
    if (pages > 0) {
      try {
        address = driver.allocatePinned(pinnedBytes);
      } catch (LostDeviceException e) {
        throw e;
      } catch (CudaException e) {
        LOG.warn("copies to and from the GPU are slow, no memory is pinned: {}", e.getMessage());
      }
    }
    pinnedAddress = address;
    for (int i = 0; address != 0 && i < pages; i++) {
      pinned.add(HostMemory.at(address + i * pageBytes, pageBytes));
    }
  }

  /** A page of any content. */
  synchronized MemorySegment take() {
    if (!pinned.isEmpty()) {
      return pinned.removeLast();
    }
    if (!ordinary.isEmpty()) {
      return ordinary.removeLast();
    }
    ordinaryPages++;
    return arena.allocate(pageBytes, 4096);
  }

  /** Takes a page back. */
  synchronized void giveBack(MemorySegment page) {
    (isPinned(page) ? pinned : ordinary).add(page);
  }

  /** Whether a pinned page can be had. */
  synchronized boolean pinnedLeft() {
    return !pinned.isEmpty();
  }

  /** Pages of ordinary memory that were needed at the same time. */
  synchronized int ordinaryPages() {
    return ordinaryPages;
  }

  private boolean isPinned(MemorySegment page) {
    long from = page.address() - pinnedAddress;
    return pinnedAddress != 0 && from >= 0 && from < pinnedBytes;
  }

  @Override
  public void close() {
    arena.close();
    if (pinnedAddress != 0) {
      try {
        driver.freePinned(pinnedAddress);
      } catch (LostDeviceException e) {
        LOG.error("{} pinned bytes end with the process: {}", pinnedBytes, e.getMessage());
      }
    }
  }
}
