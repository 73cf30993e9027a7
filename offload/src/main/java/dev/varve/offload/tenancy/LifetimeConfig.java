package dev.varve.offload.tenancy;

import dev.varve.store.Tenant;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long blocks are kept, and how much may be pinned.
 *
 * @param shared time to live of what tenants store that {@code own} does not name; empty for as
 *     long as there is room
 * @param own times to live of single tenants
 * @param pinnedBytes the most payload bytes of pinned chunks, all tenants together; empty for a
 *     quarter of the farthest tier
 */
public record LifetimeConfig(
    Optional<Duration> shared, Map<Tenant, Duration> own, OptionalLong pinnedBytes) {

  /** Everything is kept as long as there is room. */
  public static final LifetimeConfig NONE =
      new LifetimeConfig(Optional.empty(), Map.of(), OptionalLong.empty());

  public LifetimeConfig {
    own = Map.copyOf(own);
    shared.ifPresent(LifetimeConfig::checked);
    own.values().forEach(LifetimeConfig::checked);
    if (pinnedBytes.isPresent() && pinnedBytes.getAsLong() < 0) {
      throw new IllegalArgumentException(
          "the limit of pinned bytes must not be negative: " + pinnedBytes.getAsLong());
    }
  }

  /** The same with this limit of pinned bytes unless there is one. */
  LifetimeConfig withPinLimit(long bytes) {
    return new LifetimeConfig(shared, own, OptionalLong.of(pinnedBytes.orElse(bytes)));
  }

  /** Returns {@code timeToLive} if it is at least a millisecond. */
  public static Duration checked(Duration timeToLive) {
    if (timeToLive.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          "a time to live must be at least a millisecond: "
              + timeToLive
              + " lies in the past; to drop blocks now, erase them");
    }
    return timeToLive;
  }

  /** How long what {@code tenant} stores is kept unless somebody says otherwise. */
  public Optional<Duration> of(Tenant tenant) {
    Duration ownTime = own.get(tenant);
    return ownTime == null ? shared : Optional.of(ownTime);
  }
}
