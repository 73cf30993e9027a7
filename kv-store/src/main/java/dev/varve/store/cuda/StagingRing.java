package dev.varve.store.cuda;

import dev.varve.store.Checks;
import java.lang.foreign.MemorySegment;

/**
 * Carries ordinary native memory of any size to the device and back through a ring of pinned
 * chunks: while one chunk is on the bus the processor copies the next. For one thread at a time.
 */
public final class StagingRing implements AutoCloseable {
  private final CudaDriver driver;
  private final CudaStream stream;
  private final PinnedMemory pinned;
  private final CudaDriver.Event[] done;
  private final long chunkBytes;

  /**
   * Pins the chunks.
   *
   * @param chunkBytes bytes of one
   * @param chunks how many; two overlap, more smooth
   */
  public StagingRing(CudaDriver driver, long chunkBytes, int chunks) {
    this.driver = driver;
    this.chunkBytes = Checks.positive(chunkBytes, "chunkBytes");
    this.stream = new CudaStream(driver);
    this.pinned = new PinnedMemory(driver, chunkBytes * Checks.inRange(chunks, 1, 64, "chunks"));
    this.done = new CudaDriver.Event[chunks];
    for (int i = 0; i < chunks; i++) {
      done[i] = driver.newEvent(false);
    }
  }

  /** Copies all of {@code host} to the device; it is there when this returns. */
  public void upload(long device, MemorySegment host) {
    long bytes = host.byteSize();
    for (long at = 0, i = 0; at < bytes; at += chunkBytes, i++) {
      int chunk = (int) (i % done.length);
      long count = Math.min(chunkBytes, bytes - at);
      driver.await(done[chunk]);
      MemorySegment.copy(host, at, pinned.bytes(), chunk * chunkBytes, count);
      driver.copyToDevice(device + at, chunkAddress(chunk), count, stream.handle());
      driver.record(done[chunk], stream.handle());
    }
    stream.await();
  }

  /** Fills {@code host} from the device. */
  public void download(MemorySegment host, long device) {
    long bytes = host.byteSize();
    long chunks = Math.ceilDiv(bytes, chunkBytes);
    for (long i = 0; i < chunks + done.length; i++) {
      int chunk = (int) (i % done.length);
      long arrived = i - done.length;
      if (arrived >= 0 && arrived < chunks) {
        driver.await(done[chunk]);
        long at = arrived * chunkBytes;
        long count = Math.min(chunkBytes, bytes - at);
        MemorySegment.copy(pinned.bytes(), chunk * chunkBytes, host, at, count);
      }
      if (i < chunks) {
        long at = i * chunkBytes;
        long count = Math.min(chunkBytes, bytes - at);
        driver.copyToHost(chunkAddress(chunk), device + at, count, stream.handle());
        driver.record(done[chunk], stream.handle());
      }
    }
  }

  private long chunkAddress(int chunk) {
    return pinned.bytes().address() + chunk * chunkBytes;
  }

  @Override
  public void close() {
    stream.close();
    for (CudaDriver.Event event : done) {
      driver.destroy(event);
    }
    pinned.close();
  }
}
