package dev.varve.sdk.internal;

import dev.varve.offload.Agent;
import dev.varve.offload.Doorbell;
import dev.varve.offload.MoveSettings;
import dev.varve.offload.object.ObjectStore;
import dev.varve.sdk.MoverConfig;
import dev.varve.store.remote.RemoteStore;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * What a cache does ahead of need, a little with every call: read ahead for running steps, remove
 * what expired or is above a quota, carry blocks down, prefetch. Thread-safe.
 */
public final class Upkeep implements AutoCloseable {

  private final CacheParts parts;
  private final Optional<ObjectStore> objects;
  private final Optional<RemoteStore> remote;
  private final Agent agent;

  Upkeep(
      CacheParts parts,
      Optional<ObjectStore> objects,
      Optional<RemoteStore> remote,
      Doorbell doorbell) {
    this.parts = parts;
    this.objects = objects;
    this.remote = remote;
    this.agent = new Agent(this::work, doorbell, parts.counters());
  }

  /** Without a thread of its own nobody would read ahead in the middle of a step. */
  static MoveSettings settings(MoverConfig config) {
    MoveSettings settings = config.settings();
    return config.thread().isPresent()
        ? settings
        : new MoveSettings(settings.marks(), settings.retries(), settings.prefetchShare(), 0);
  }

  /** Has a thread of this factory do the work until {@link #close}. */
  void start(ThreadFactory factory) {
    Thread thread = factory.newThread(agent);
    if (thread == null) {
      throw new IllegalArgumentException(
          "the thread factory of the mover made no thread: name one that does");
    }
    thread.start();
  }

  /** Does some of what is due; 0 if nothing was. */
  public int work() {
    return parts.prefetcher().readAhead()
        + parts.late().work()
        + parts.tenancy().work(parts.mover())
        + objects.map(ObjectStore::work).orElse(0)
        + remote.map(store -> store.objects().work()).orElse(0)
        + parts.mover().work()
        + parts.prefetcher().work();
  }

  /** Waits for what is under way and cancels the rest. Idempotent. */
  @Override
  public void close() {
    agent.close();
    parts.mover().close();
    parts.prefetcher().close();
  }
}
