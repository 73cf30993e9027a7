package dev.varve.cli.pack;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Works on parts on several threads and hands the results on in the order in which they were asked
 * for. Memory is bounded by the slots: each part is worked on in one. For one thread.
 *
 * @param <S> what a thread works in
 * @param <R> what comes of a part, valid until the slot is used again
 */
final class OrderedWorkers<S, R> implements AutoCloseable {

  /** Slots that keep a thread busy while the oldest result is handed on. */
  static final int SLOTS_PER_THREAD = 2;

  private final ExecutorService threads;
  private final Deque<S> free;
  private final Deque<Running<S, R>> running = new ArrayDeque<>();
  private final Taker<R> taker;

  private record Running<S, R>(S slot, Future<R> result) {}

  /** Works on one part. */
  @FunctionalInterface
  interface Part<S, R> {
    R work(S slot) throws IOException;
  }

  /** Takes a result. */
  @FunctionalInterface
  interface Taker<R> {
    void take(R result) throws IOException;
  }

  OrderedWorkers(int threads, List<S> slots, Taker<R> taker) {
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("varve-pack-", 0).factory());
    this.free = new ArrayDeque<>(slots);
    this.taker = taker;
  }

  /** Asks for a part; hands on the oldest result where no slot is left. */
  void submit(Part<S, R> part) throws IOException, InterruptedException {
    if (free.isEmpty()) {
      takeOldest();
    }
    S slot = free.pop();
    running.add(new Running<>(slot, threads.submit(() -> part.work(slot))));
  }

  /** Hands on all that was asked for. */
  void finish() throws IOException, InterruptedException {
    while (!running.isEmpty()) {
      takeOldest();
    }
  }

  private void takeOldest() throws IOException, InterruptedException {
    Running<S, R> oldest = running.remove();
    try {
      taker.take(oldest.result.get());
      free.push(oldest.slot);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Ends the threads, after the parts that they are at. */
  @Override
  public void close() {
    running.forEach(part -> part.result.cancel(false));
    threads.close();
  }
}
