package dev.varve.offload.transfer;

import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The speed of every tier, and the clock that measures it. Thread-safe. */
public final class TierSpeeds {

  private final LongSupplier nanoTime;
  private final Map<Tier, TierSpeed> speeds = new EnumMap<>(Tier.class);

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public TierSpeeds(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    for (Tier tier : Tier.values()) {
      speeds.put(tier, new TierSpeed());
    }
  }

  /** The clock, in nanoseconds since no particular moment. */
  public long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Notes that a block of {@code bytes} was read from {@code tier} in {@code nanos}. */
  public void read(Tier tier, long bytes, long nanos) {
    of(tier).read(bytes, nanos);
  }

  /** What is known of {@code tier}; empty before the first read. */
  public Optional<TierRate> rate(Tier tier) {
    return of(tier).rate();
  }

  /** What is known of every tier now. */
  public Map<Tier, TierRate> rates() {
    Map<Tier, TierRate> rates = new EnumMap<>(Tier.class);
    speeds.forEach((tier, speed) -> speed.rate().ifPresent(rate -> rates.put(tier, rate)));
    return rates;
  }

  private TierSpeed of(Tier tier) {
    TierSpeed speed = speeds.get(tier);
    if (speed == null) {
      throw new IllegalArgumentException("no speed for " + tier);
    }
    return speed;
  }
}
