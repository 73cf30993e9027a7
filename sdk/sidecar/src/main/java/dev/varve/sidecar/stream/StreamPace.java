package dev.varve.sidecar.stream;

import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * What a stream knows of its way: its own measurement, else what the client said, else what other
 * streams to the same peer had. One that has begun must be ended. Thread-safe.
 */
public final class StreamPace {

  private final Links links;
  private final String peer;
  private final OptionalDouble given;
  private final LinkMeter meter;
  private final LongSupplier nanos;
  private final long start;
  private boolean ended;

  /**
   * Begins a stream.
   *
   * @param given bytes a second that the client expects; empty if it says nothing
   * @param nanos like {@link System#nanoTime}
   */
  public StreamPace(Links links, String peer, OptionalDouble given, LongSupplier nanos) {
    this.links = links;
    this.peer = peer;
    this.given = given;
    this.nanos = nanos;
    this.meter = new LinkMeter(nanos);
    this.start = nanos.getAsLong();
    links.begin(peer);
  }

  /** Seconds since it began. */
  public double elapsedSeconds() {
    return (nanos.getAsLong() - start) / 1e9;
  }

  /** Bytes a second of this stream; empty if nothing is known. */
  public OptionalDouble bytesPerSecond() {
    OptionalDouble measured = meter.bytesPerSecond();
    if (measured.isPresent()) {
      links.measured(peer, measured.getAsDouble());
      return measured;
    }
    return given.isPresent() ? given : links.share(peer);
  }

  /** So many bytes are about to be sent. */
  public void offered(long bytes) {
    meter.offered(bytes);
  }

  /** So many of them were taken or dropped. */
  public void written(long bytes) {
    meter.written(bytes);
  }

  /** Nothing more is sent. Idempotent. */
  public synchronized void end() {
    if (!ended) {
      ended = true;
      links.end(peer);
    }
  }
}
