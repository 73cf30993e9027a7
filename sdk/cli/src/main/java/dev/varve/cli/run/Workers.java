package dev.varve.cli.run;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads that multiply. They do not keep the process alive.
 *
 * @param executor runs the work
 * @param count threads
 */
public record Workers(ExecutorService executor, int count) implements AutoCloseable {

  /** Starts {@code count} threads as they are needed. */
  public static Workers start(int count) {
    return new Workers(
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("varve-", 0).factory()),
        count);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
