package dev.varve.sidecar.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the server and its store now and then, so that whoever asks costs nothing, and keeps the
 * last looks for the page. {@link #sample} is for one thread at a time, the rest for all.
 */
public final class Sampler {

  /** How many looks are kept. */
  public static final int KEPT = 300;

  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

  /** Looking takes at most this part of the time: one look, then so many times its length none. */
  private static final int REST = 20;

  private final StoreView store;
  private final Supplier<ServerState> server;
  private final TrafficTable traffic;
  private final LongSupplier millis;
  private final LongSupplier nanos;
  private final Deque<Sample> kept = new ArrayDeque<>();
  private volatile @Nullable StoreState latest;
  private volatile @Nullable String failure;
  private long sequence;
  private long restUntil;
  private boolean rests;

  /**
   * @param millis milliseconds since 1970
   * @param nanos a clock like {@link System#nanoTime}
   */
  public Sampler(
      StoreView store,
      Supplier<ServerState> server,
      TrafficTable traffic,
      LongSupplier millis,
      LongSupplier nanos) {
    this.store = store;
    this.server = server;
    this.traffic = traffic;
    this.millis = millis;
    this.nanos = nanos;
  }

  /** Looks, unless the last look took so long that it is too early. */
  public void sample() {
    long began = nanos.getAsLong();
    if (rests && began - restUntil < 0) {
      return;
    }
    try {
      StoreState now = store.look();
      latest = now;
      failure = null;
      keep(now, server.get());
    } catch (RuntimeException e) {
      LOG.error("the store cannot be looked at", e);
      failure = String.valueOf(e.getMessage());
    }
    long ended = nanos.getAsLong();
    rests = true;
    restUntil = ended + REST * (ended - began);
  }

  private void keep(StoreState now, ServerState state) {
    List<Traffic.Counts> counts = traffic.counts();
    Sample sample =
        new Sample(
            sequence++,
            millis.getAsLong(),
            now.tiers().stream().map(TierState::usedBytes).toList(),
            state.commands(),
            state.hits(),
            state.misses(),
            counts.stream().mapToLong(Traffic.Counts::bytesIn).sum(),
            counts.stream().mapToLong(Traffic.Counts::bytesOut).sum(),
            now.objects().displaced(),
            now.objects().expired(),
            now.objects().stored(),
            now.tiers().stream().mapToLong(tier -> tier.codec().rawBytes()).sum(),
            now.tiers().stream().mapToLong(tier -> tier.codec().writtenBytes()).sum(),
            state.clients());
    synchronized (kept) {
      kept.addLast(sample);
      if (kept.size() > KEPT) {
        kept.removeFirst();
      }
    }
  }

  /** What the last look saw; empty before the first. */
  public Optional<StoreState> latest() {
    return Optional.ofNullable(latest);
  }

  /** Why the last look failed; empty if it did not. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** The looks after one, oldest first. */
  public List<Sample> after(long sequenceBefore) {
    synchronized (kept) {
      return kept.stream().filter(sample -> sample.sequence() > sequenceBefore).toList();
    }
  }
}
