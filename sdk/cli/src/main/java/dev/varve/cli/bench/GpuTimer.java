package dev.varve.cli.bench;

import dev.varve.store.Checks;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaEvent;
import dev.varve.store.cuda.CudaStream;
import java.util.Arrays;

/** Times work on a device by its own events: warmed up, then the median of repeats. */
final class GpuTimer implements AutoCloseable {
  private static final int WARM_UPS = 5;

  private final CudaStream stream;
  private final CudaEvent begin;
  private final CudaEvent end;
  private final int repeats;

  GpuTimer(CudaDevice device, int repeats) {
    this.repeats = Checks.positive(repeats, "repeats");
    this.stream = new CudaStream(device.driver());
    this.begin = new CudaEvent(device.driver());
    this.end = new CudaEvent(device.driver());
  }

  CudaStream stream() {
    return stream;
  }

  /** Median microseconds of {@code work}, which puts its work on {@link #stream}. */
  double microseconds(Runnable work) {
    return microseconds(1, work);
  }

  /** The same for work so short that {@code batch} of it are timed together. */
  double microseconds(int batch, Runnable work) {
    for (int i = 0; i < WARM_UPS; i++) {
      work.run();
    }
    double[] times = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      begin.record(stream);
      for (int j = 0; j < batch; j++) {
        work.run();
      }
      end.record(stream);
      end.await();
      times[i] = end.millisecondsSince(begin) * 1000.0 / batch;
    }
    Arrays.sort(times);
    return times[repeats / 2];
  }

  /** Median nanoseconds that the caller spends in {@code work}, which is not waited for. */
  double callNanoseconds(int calls, Runnable work) {
    double[] times = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      long before = System.nanoTime();
      for (int j = 0; j < calls; j++) {
        work.run();
      }
      times[i] = (System.nanoTime() - before) / (double) calls;
      stream.await();
    }
    Arrays.sort(times);
    return times[repeats / 2];
  }

  @Override
  public void close() {
    stream.close();
    begin.close();
    end.close();
  }
}
