package dev.varve.sidecar.command;

import java.util.concurrent.atomic.LongAdder;

/** What happened since the server started. Thread-safe. */
public final class Counters {

  /** Connections that were accepted. */
  public final LongAdder connections = new LongAdder();

  /** Connections that were refused because there were too many. */
  public final LongAdder refusedConnections = new LongAdder();

  /** Requests that were run. */
  public final LongAdder commands = new LongAdder();

  /** Keys that were looked up and found. */
  public final LongAdder hits = new LongAdder();

  /** Keys that were looked up and not found. */
  public final LongAdder misses = new LongAdder();

  /** Values of LMCache that were dropped although the client was told OK. */
  public final LongAdder droppedPuts = new LongAdder();

  /** Requests in which the store failed. */
  public final LongAdder failures = new LongAdder();

  /** Wrong passwords. */
  public final LongAdder wrongPasswords = new LongAdder();
}
