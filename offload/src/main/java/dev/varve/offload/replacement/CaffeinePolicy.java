package dev.varve.offload.replacement;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.varve.store.Checks;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * W-TinyLFU as Caffeine does it: what its eviction listener reports is what leaves, and if that is
 * nothing, what it calls coldest. See Einziger et al., ACM TOS 2017.
 */
final class CaffeinePolicy implements ReplacementPolicy {

  private final ArrayDeque<Long> left = new ArrayDeque<>();
  private final Cache<Long, Integer> cache;

  /** For a tier of {@code capacity} units of weight. */
  CaffeinePolicy(long capacity) {
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(Checks.positive(capacity, "capacity"))
            .weigher((Long chunk, Integer weight) -> weight)
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable Long chunk, @Nullable Integer weight, RemovalCause why) -> {
                  if (chunk != null) {
                    left.addLast(chunk);
                  }
                })
            .build();
  }

  @Override
  public void hit(Visit visit) {
    if (cache.getIfPresent(visit.chunk()) == null) {
      throw new IllegalStateException("chunk " + visit.chunk() + " is absent");
    }
  }

  @Override
  public void admitted(Visit visit) {
    cache.put(visit.chunk(), visit.weight());
    cache.cleanUp();
  }

  @Override
  public long evict() {
    if (left.isEmpty()) {
      long coldest = coldest();
      cache.invalidate(coldest);
      return coldest;
    }
    return left.removeFirst();
  }

  private long coldest() {
    return cache.policy().eviction().orElseThrow().coldest(1).keySet().iterator().next();
  }

  @Override
  public void removed(long chunk) {
    cache.invalidate(chunk);
  }
}
