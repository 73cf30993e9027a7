package dev.varve.store.cuda;

/** A point in a stream with a visible end. */
public final class CudaEvent implements AutoCloseable {
  private final CudaDriver driver;
  private final CudaDriver.Event event;
  private boolean open = true;

  /** An event that can measure times. */
  public CudaEvent(CudaDriver driver) {
    this.driver = driver;
    this.event = driver.newEvent(true);
  }

  /** Moves the event to the end of the stream's work. */
  public void record(CudaStream stream) {
    driver.record(event, stream.handle());
  }

  /** Waits until the work before the event is done. */
  public void await() {
    driver.await(event);
  }

  /** Milliseconds from {@code earlier} to this; both must be done. */
  public float millisecondsSince(CudaEvent earlier) {
    return driver.elapsed(earlier.event, event);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      driver.destroy(event);
    }
  }
}
