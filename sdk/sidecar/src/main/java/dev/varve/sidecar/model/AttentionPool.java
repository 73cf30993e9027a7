package dev.varve.sidecar.model;

import dev.varve.sdk.KvCache;
import dev.varve.sdk.attention.AttentionService;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Attention over the stored chunks of one model, for whoever asks: as many services as were ever
 * used at once. Thread-safe.
 */
public final class AttentionPool {

  private final KvCache cache;
  private final Queue<AttentionService> idle = new ConcurrentLinkedQueue<>();

  public AttentionPool(KvCache cache) {
    this.cache = cache;
  }

  /** Does something with a service that nobody else uses meanwhile. */
  public <T> T with(Function<AttentionService, T> use) {
    AttentionService service = idle.poll();
    if (service == null) {
      service = cache.attention();
    }
    try {
      return use.apply(service);
    } finally {
      idle.add(service);
    }
  }
}
