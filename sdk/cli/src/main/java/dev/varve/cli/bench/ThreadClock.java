package dev.varve.cli.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Rates of work that only computes, by the processor time of the thread that does it: what other
 * threads do to the machine in between is not counted.
 */
final class ThreadClock {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long LEAST_NANOS = 20_000_000;
  private static final double SECOND = 1e9;

  private ThreadClock() {}

  /** Processor time of this thread so far, in nanoseconds. */
  static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }

  /** Repeats {@code work} for at least 20 ms; returns how many of its bytes pass in a second. */
  static double rate(long bytes, Runnable work) {
    long started = THREADS.getCurrentThreadCpuTime();
    long elapsed = 0;
    long done = 0;
    while (elapsed < LEAST_NANOS) {
      work.run();
      done += bytes;
      elapsed = THREADS.getCurrentThreadCpuTime() - started;
    }
    return done * SECOND / elapsed;
  }

  /** Does {@code work} once; returns the seconds of processor time that it took. */
  static double seconds(Runnable work) {
    long started = THREADS.getCurrentThreadCpuTime();
    work.run();
    return (THREADS.getCurrentThreadCpuTime() - started) / SECOND;
  }

  /** Repeats {@code work} for so much processor time that the compiler has seen it. */
  static void warmUp(double seconds, Runnable work) {
    long until = THREADS.getCurrentThreadCpuTime() + (long) (seconds * SECOND);
    while (THREADS.getCurrentThreadCpuTime() < until) {
      work.run();
    }
  }
}
