package dev.varve.store.cuda;

import dev.varve.store.StoreException;
import dev.varve.store.hot.SlotMemory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open GPU. Thread-safe; closed after everything that was made from it. */
public final class CudaDevice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CudaDevice.class);

  private final CudaDriver driver;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** A device behind {@code driver}, which is closed with it. */
  public CudaDevice(CudaDriver driver) {
    this.driver = driver;
  }

  /**
   * Opens a GPU of this machine.
   *
   * @param ordinal which one, as the driver counts those that this process may use
   * @throws StoreException if there is no such GPU, with the reason
   */
  public static CudaDevice open(int ordinal) {
    CudaFinding finding = CudaProbe.look();
    if (!(finding instanceof CudaFinding.Found found)) {
      throw new StoreException("no GPU can be used: " + finding.line());
    }
    if (ordinal < 0 || ordinal >= found.devices()) {
      throw new StoreException(
          "there is no GPU %d: %s; they are counted from 0".formatted(ordinal, found.line()));
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    return new CudaDevice(JcudaDriver.open(ordinal, temporary));
  }

  /** What the device is. */
  public DeviceInfo info() {
    return driver.info();
  }

  /** The calls of the driver. */
  public CudaDriver driver() {
    return driver;
  }

  /**
   * Memory of the device for a hot tier.
   *
   * @param capacityBytes memory to take, rounded down to whole slots
   * @param blockBytes largest block to be held
   * @param pinnedBytes host memory to pin for blocks on their way and being filled
   * @throws StoreException if the device has not so much memory left
   */
  public SlotMemory slots(long capacityBytes, long blockBytes, long pinnedBytes) {
    return slots(capacityBytes, blockBytes, pinnedBytes, () -> {});
  }

  /** The same; {@code atEnd} runs once the memory was given back. */
  public SlotMemory slots(long capacityBytes, long blockBytes, long pinnedBytes, Runnable atEnd) {
    return new DeviceSlots(driver, capacityBytes, blockBytes, pinnedBytes, atEnd);
  }

  /** Lets go of the device. Idempotent. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      try {
        driver.close();
      } catch (LostDeviceException e) {
        LOG.error("the device is let go of at the end of the process: {}", e.getMessage());
      }
    }
  }
}
