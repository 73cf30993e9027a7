package dev.varve.sdk;

import dev.varve.offload.MoveSettings;
import dev.varve.offload.Watermarks;
import dev.varve.store.Tier;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * How a cache moves its blocks, and who does it.
 *
 * @param settings when a tier counts as full, what happens to blocks that a tier refuses, and how
 *     much is prefetched
 * @param thread makes the one thread that moves blocks ahead of need, from {@link KvCache#open} to
 *     {@link KvCache#close}; without it the cache starts no thread, and blocks move ahead of need
 *     when {@link KvCache#work} is called
 */
public record MoverConfig(MoveSettings settings, Optional<ThreadFactory> thread) {

  /** Default settings and no thread. */
  public static final MoverConfig STEPPED = new MoverConfig(MoveSettings.DEFAULT, Optional.empty());

  public MoverConfig {
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(thread, "thread");
  }

  /** Default settings and a thread of this factory. */
  public static MoverConfig on(ThreadFactory factory) {
    return new MoverConfig(MoveSettings.DEFAULT, Optional.of(factory));
  }

  /** The same with other marks for one tier. */
  public MoverConfig with(Tier tier, Watermarks marks) {
    return new MoverConfig(settings.with(tier, marks), thread);
  }
}
