package dev.varve.client.internal;

import java.util.concurrent.atomic.LongAdder;

/** What a client has done. Thread-safe. */
public final class ClientCounters {

  /** Requests begun. */
  public final LongAdder requests = new LongAdder();

  /** Requests that something failed in. */
  public final LongAdder failures = new LongAdder();

  /** Connections made. */
  public final LongAdder connects = new LongAdder();

  /** Bytes of frames received. */
  public final LongAdder receivedBytes = new LongAdder();

  /** Frames that failed a check. */
  public final LongAdder refusedFrames = new LongAdder();
}
