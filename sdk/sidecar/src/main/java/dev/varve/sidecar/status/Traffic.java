package dev.varve.sidecar.status;

import java.util.concurrent.atomic.LongAdder;

/** What the requests of one tenant for one model came to. Thread-safe. */
public final class Traffic {

  final LongAdder requests = new LongAdder();
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder bytesOut = new LongAdder();

  /** Requests run. */
  public long requests() {
    return requests.sum();
  }

  /** Values looked up and found. */
  public long hits() {
    return hits.sum();
  }

  /** Values looked up and not found. */
  public long misses() {
    return misses.sum();
  }

  /** Bytes of the arguments. */
  public long bytesIn() {
    return bytesIn.sum();
  }

  /** Bytes of the values in the replies. */
  public long bytesOut() {
    return bytesOut.sum();
  }

  /**
   * The same at a moment.
   *
   * @param model empty where keys name none
   * @param tenant name of the tenant
   * @param requests requests run
   * @param hits values looked up and found
   * @param misses values looked up and not found
   * @param bytesIn bytes of the arguments
   * @param bytesOut bytes of the values in the replies
   */
  public record Counts(
      String model,
      String tenant,
      long requests,
      long hits,
      long misses,
      long bytesIn,
      long bytesOut) {}

  Counts counts(String model, String tenant) {
    return new Counts(
        model, tenant, requests.sum(), hits.sum(), misses.sum(), bytesIn.sum(), bytesOut.sum());
  }
}
