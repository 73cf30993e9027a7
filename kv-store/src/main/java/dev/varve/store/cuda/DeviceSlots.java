package dev.varve.store.cuda;

import dev.varve.store.StoreException;
import dev.varve.store.hot.SlotCount;
import dev.varve.store.hot.SlotMemory;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of a hot tier in the memory of a GPU: one allocation, cut once.
 *
 * <pre>
 *  host                                      device
 *  fill(slot)   page being written
 *  publish      page -- upload stream -->    slot      returns at once
 *  view         page <-- download stream --  slot      waits, unless the page is still there
 *  endView      page may be used again
 *  fillOnDevice               kernels --> slot      a page that was written goes up before
 * </pre>
 *
 * A page stays with its slot while somebody fills or views it, or its upload is under way; a view
 * that comes earlier than that copies nothing. Pages are taken from {@link StagingPages}: as many
 * are pinned as the configuration says, more are ordinary memory. Thread-safe.
 */
final class DeviceSlots implements SlotMemory {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceSlots.class);

  private final CudaDriver driver;
  private final Runnable atEnd;
  private final SlotCount count;
  private final long address;
  private final StagingPages pages;
  private final DeviceSlot[] slots;
  private final CudaDriver.Stream uploads;
  private final CudaDriver.Stream downloads;
  private final Queue<CudaDriver.Event> events = new ConcurrentLinkedQueue<>();
  private final Queue<DeviceSlot> uploading = new ConcurrentLinkedQueue<>();
  private final LongAdder uploadedBytes = new LongAdder();
  private final LongAdder downloadedBytes = new LongAdder();
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * Takes the memory of the device and pins the pages.
   *
   * @param capacityBytes memory to take, rounded down to whole slots
   * @param blockBytes largest block to be held
   * @param pinnedBytes host memory to pin, rounded down to whole slots
   * @param atEnd runs when this is closed
   * @throws StoreException if the device has not so much memory left
   */
  DeviceSlots(
      CudaDriver driver, long capacityBytes, long blockBytes, long pinnedBytes, Runnable atEnd) {
    this.driver = driver;
    this.atEnd = atEnd;
    this.count = SlotCount.of(capacityBytes, blockBytes);
    long wanted = Math.max(0, pinnedBytes) / count.slotBytes();
    this.address = take(driver, count.bytes());
    try {
      this.pages =
          new StagingPages(
              driver, count.slotBytes(), Math.toIntExact(Math.min(count.slots(), wanted)));
      this.uploads = driver.newStream();
      this.downloads = driver.newStream();
    } catch (CudaException e) {
      driver.free(address);
      throw e;
    }
    this.slots = new DeviceSlot[count.slots()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new DeviceSlot();
    }
  }

  private static long take(CudaDriver driver, long bytes) {
    try {
      return driver.allocate(bytes);
    } catch (CudaException e) {
      if (e.code() != CudaError.OUT_OF_MEMORY) {
        throw e;
      }
      throw new StoreException(
          "a hot tier of %d bytes does not fit on %s: %d bytes are free (other processes may use"
                  .formatted(bytes, driver.info().name(), driver.freeMemory())
              + " it too): make the tier smaller or keep it in native memory",
          e);
    }
  }

  @Override
  public int slotCount() {
    return count.slots();
  }

  @Override
  public long slotBytes() {
    return count.slotBytes();
  }

  @Override
  public MemorySegment fill(int slot) {
    collect();
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.page == null) {
        at.page = at.onDevice ? download(slot) : pages.take();
        at.onDevice = false;
      }
      return at.page;
    }
  }

  @Override
  public OptionalLong fillOnDevice(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.page != null) {
        CudaDriver.Event event = event();
        try {
          driver.copyToDevice(at(slot), at.page.address(), count.slotBytes(), uploads);
          driver.record(event, uploads);
          driver.await(event);
        } finally {
          events.add(event);
        }
        uploadedBytes.add(count.slotBytes());
        pages.giveBack(at.page);
        at.page = null;
      }
      at.onDevice = true;
    }
    return OptionalLong.of(at(slot));
  }

  @Override
  public boolean filledOnDevice(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      return at.onDevice;
    }
  }

  @Override
  public void publish(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.onDevice) {
        at.onDevice = false;
        at.published = true;
        return;
      }
      if (at.page == null) {
        at.page = pages.take();
      }
      CudaDriver.Event event = event();
      driver.copyToDevice(at(slot), at.page.address(), count.slotBytes(), uploads);
      driver.record(event, uploads);
      at.upload = event;
      at.published = true;
      if (!at.queued) {
        at.queued = true;
        uploading.add(at);
      }
    }
    uploadedBytes.add(count.slotBytes());
  }

  @Override
  public MemorySegment view(int slot) {
    collect();
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.page == null) {
        at.page = download(slot);
      }
      at.views++;
      return at.page;
    }
  }

  /** The slot has no page, so its upload is done, or kernels filled it. */
  private MemorySegment download(int slot) {
    MemorySegment page = pages.take();
    CudaDriver.Event event = event();
    try {
      driver.copyToHost(page.address(), at(slot), count.slotBytes(), downloads);
      driver.record(event, downloads);
      driver.await(event);
    } catch (RuntimeException e) {
      pages.giveBack(page);
      throw e;
    } finally {
      events.add(event);
    }
    downloadedBytes.add(count.slotBytes());
    return page;
  }

  @Override
  public void endView(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      at.views--;
      dropPage(at);
    }
  }

  @Override
  public void release(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      at.views = 0;
      endUpload(at);
      if (at.page != null) {
        pages.giveBack(at.page);
        at.page = null;
      }
      at.published = false;
      at.onDevice = false;
    }
  }

  private boolean uploaded(CudaDriver.Event upload) {
    try {
      return driver.done(upload);
    } catch (LostDeviceException e) {
      LOG.error("a page is taken back: {}", e.getMessage());
      return true;
    }
  }

  private void endUpload(DeviceSlot at) {
    if (at.upload != null) {
      try {
        driver.await(at.upload);
      } catch (LostDeviceException e) {
        LOG.error("a block is given back: {}", e.getMessage());
      }
      events.add(at.upload);
      at.upload = null;
    }
  }

  /** Gives the page back if nobody needs it any more. */
  private void dropPage(DeviceSlot at) {
    if (at.upload != null && uploaded(at.upload)) {
      events.add(at.upload);
      at.upload = null;
    }
    if (at.published && at.upload == null && at.views == 0 && at.page != null) {
      pages.giveBack(at.page);
      at.page = null;
    }
  }

  /**
   * Where no pinned page is left, takes those back whose upload is done. Never called with the lock
   * of a slot: two threads would wait for each other.
   */
  private void collect() {
    if (pages.pinnedLeft()) {
      return;
    }
    for (int left = uploading.size(); left > 0; left--) {
      DeviceSlot at = uploading.poll();
      if (at == null) {
        return;
      }
      synchronized (at) {
        dropPage(at);
        at.queued = at.upload != null;
        if (at.queued) {
          uploading.add(at);
        }
      }
    }
  }

  private CudaDriver.Event event() {
    CudaDriver.Event kept = events.poll();
    return kept == null ? driver.newEvent(false) : kept;
  }

  private long at(int slot) {
    return address + slot * count.slotBytes();
  }

  /** The address; work on {@code stream} from here on finds what was published there. */
  long deviceAddress(int slot, CudaDriver.Stream stream) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.upload != null) {
        driver.order(stream, at.upload);
      }
    }
    return at(slot);
  }

  @Override
  public OptionalLong deviceAddress(int slot) {
    DeviceSlot at = slots[slot];
    synchronized (at) {
      if (at.upload != null) {
        driver.await(at.upload);
      }
    }
    return OptionalLong.of(at(slot));
  }

  /** Bytes that went up. */
  long uploadedBytes() {
    return uploadedBytes.sum();
  }

  /** Bytes that came down. */
  long downloadedBytes() {
    return downloadedBytes.sum();
  }

  /** Host pages that are not pinned. */
  int ordinaryPages() {
    return pages.ordinaryPages();
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      try {
        driver.await(uploads);
        for (DeviceSlot at : slots) {
          endUpload(at);
        }
        events.forEach(driver::destroy);
        driver.destroy(uploads);
        driver.destroy(downloads);
        driver.free(address);
      } catch (LostDeviceException e) {
        LOG.error("the hot tier closes on its side of the bus only: {}", e.getMessage());
      } finally {
        pages.close();
        atEnd.run();
      }
    }
  }
}
