package dev.varve.sidecar.stream;

import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * Measures the throughput of one stream from the moments at which bytes were taken by the socket.
 * Time in which nothing was waiting to be sent does not count. Thread-safe.
 */
final class LinkMeter {

  /** What buffers of the system swallow at once, whatever the network does. */
  static final long SWALLOWED = 4 << 20;

  private final LongSupplier nanos;
  private long waiting;
  private long written;
  private long busySince;
  private long busyNanos;

  LinkMeter(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** So many bytes are about to be sent. */
  synchronized void offered(long bytes) {
    if (waiting == 0) {
      busySince = nanos.getAsLong();
    }
    waiting += bytes;
  }

  /** So many of them were taken or dropped. */
  synchronized void written(long bytes) {
    waiting -= bytes;
    written += bytes;
    if (waiting == 0) {
      busyNanos += nanos.getAsLong() - busySince;
    }
  }

  /** Bytes a second; empty as long as buffers may have taken everything. */
  synchronized OptionalDouble bytesPerSecond() {
    long busy = busyNanos + (waiting > 0 ? nanos.getAsLong() - busySince : 0);
    return written <= SWALLOWED || busy <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((written - SWALLOWED) * 1e9 / busy);
  }
}
