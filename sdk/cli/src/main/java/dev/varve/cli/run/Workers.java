package dev.varve.cli.run;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Threads of a command that runs for long; closing waits for what they do. */
public final class Workers implements Executor, AutoCloseable {

  private static final int SECONDS_TO_END = 30;

  private final ExecutorService service;

  private Workers(ExecutorService service) {
    this.service = service;
  }

  /** So many threads with numbered names. */
  public static Workers of(int threads, String name) {
    return new Workers(Executors.newFixedThreadPool(threads, daemons(name)));
  }

  /** Makes threads that do not keep the process alive. */
  public static ThreadFactory daemons(String name) {
    return Thread.ofPlatform().daemon().name(name + "-", 1).factory();
  }

  @Override
  public void execute(Runnable work) {
    service.execute(work);
  }

  @Override
  public void close() {
    service.shutdown();
    try {
      if (!service.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "workers did not end within %d seconds".formatted(SECONDS_TO_END));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
