package dev.varve.cli.run;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what a command opened, last opened first: when closed itself, or when the process is told
 * to end, by Ctrl-C for example. Thread-safe.
 */
public final class Cleanup implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

  private volatile boolean interrupted;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread hook = new Thread(this::interrupt, "varve-cleanup");

  private Cleanup() {}

  /** A clean-up that also runs when the process is interrupted. */
  public static Cleanup alsoOnInterrupt() {
    Cleanup cleanup = new Cleanup();
    Runtime.getRuntime().addShutdownHook(cleanup.hook);
    return cleanup;
  }

  /** Adds {@code resource} and returns it. */
  public synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  /** Whether the process was told to end: what fails from now on fails for that reason. */
  public boolean interrupted() {
    return interrupted;
  }

  private void interrupt() {
    interrupted = true;
    closeAll();
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the process is ending already", e);
    }
  }

  private synchronized void closeAll() {
    while (!open.isEmpty()) {
      AutoCloseable next = open.pop();
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("{} could not be closed", next, e);
      }
    }
  }
}
