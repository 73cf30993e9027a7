package dev.varve.offload.tenancy;

import java.time.Duration;
import java.util.Optional;

/** What holds for the chunks that one session seals. Thread-safe. */
public final class SealTerms {

  private volatile Optional<Duration> timeToLive = Optional.empty();
  private volatile boolean erased;

  /** A session's own time to live; empty where that of its tenant holds. */
  public Optional<Duration> timeToLive() {
    return timeToLive;
  }

  /** Sets the time to live of what is sealed from here on. */
  public void timeToLive(Duration time) {
    timeToLive = Optional.of(LifetimeConfig.checked(time));
  }

  /** Whether the session's tokens were erased: nothing of it may be found by others or kept. */
  public boolean erased() {
    return erased;
  }

  /** Notes that the session's tokens were erased. */
  public void erase() {
    erased = true;
  }

  /** The same terms for a fork. */
  public SealTerms copy() {
    SealTerms copy = new SealTerms();
    copy.timeToLive = timeToLive;
    copy.erased = erased;
    return copy;
  }
}
