package dev.varve.offload.transfer;

/** Counts and times the reads that one decision led to. For one thread. */
public final class FetchTally {

  private final TierSpeeds speeds;
  private long reads;
  private long nanos;
  private long started;

  FetchTally(TierSpeeds speeds) {
    this.speeds = speeds;
  }

  /** A read begins. */
  public void start() {
    started = speeds.nanoTime();
  }

  /** What began last gave {@code blocks} blocks. */
  public void end(int blocks) {
    reads += blocks;
    nanos += speeds.nanoTime() - started;
  }

  long reads() {
    return reads;
  }

  double seconds() {
    return nanos / 1e9;
  }
}
