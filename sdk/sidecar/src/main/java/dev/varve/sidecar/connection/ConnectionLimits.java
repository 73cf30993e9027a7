package dev.varve.sidecar.connection;

import dev.varve.sidecar.resp.RespLimits;
import java.time.Duration;

/**
 * What one connection may do.
 *
 * @param requests how large its requests may be
 * @param stall how long it may leave a request half sent, or a reply unread, without a byte moving
 */
public record ConnectionLimits(RespLimits requests, Duration stall) {

  /** Requests that wait in a connection before it is no longer read from. */
  static final int QUEUED = 1024;

  /** Requests that one visit of a worker runs. */
  static final int BATCH = 64;

  public ConnectionLimits {
    if (stall.isNegative() || stall.isZero()) {
      throw new IllegalArgumentException("the stall limit must be longer than nothing: " + stall);
    }
  }
}
