package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.EraseScope;
import dev.varve.offload.tenancy.Pin;
import dev.varve.offload.tenancy.RetentionRules;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Retention in terms of token ids. Thread-safe. */
public final class Keeping {

  private final CacheParts parts;
  private final long damagedRecords;

  public Keeping(CacheParts parts, long damagedRecords) {
    this.parts = parts;
    this.damagedRecords = damagedRecords;
  }

  public RetentionRules rules() {
    return parts.tenancy().retention();
  }

  public long damagedRecords() {
    return damagedRecords;
  }

  /** The moment {@code timeToLive} from now. */
  public Instant in(Duration timeToLive) {
    return rules().in(timeToLive);
  }

  /** Has a prefix and what continues it expire; returns how many chunks that are. */
  public int expire(Tenant tenant, int[] tokenIds, Instant moment) {
    List<ChunkKey> keys = keys(tenant, tokenIds);
    int firstToken = (keys.size() - 1) * geometry().blockTokens();
    return rules()
        .expire(
            new EraseScope.OfPrefix(keys.getLast(), firstToken),
            keys.subList(0, keys.size() - 1),
            moment);
  }

  /** Pins the longest stored front of {@code tokenIds}. */
  public Pin pin(Tenant tenant, int[] tokenIds, Optional<Instant> until) {
    List<Chunk> claimed = claim(keys(tenant, tokenIds));
    try {
      if (claimed.isEmpty()) {
        throw new IllegalArgumentException(
            "nothing is stored of the "
                + tokenIds.length
                + " tokens to pin for "
                + tenant
                + ": store them first");
      }
      Pin pin =
          rules().pin(claimed, claimed.size() * geometry().blockTokens(), chunkBytes(), until);
      parts.mover().persist(claimed);
      return pin;
    } finally {
      claimed.forEach(Chunk::unclaim);
    }
  }

  private List<Chunk> claim(List<ChunkKey> keys) {
    List<Chunk> claimed = new ArrayList<>();
    for (ChunkKey key : keys) {
      @Nullable Chunk chunk = parts.tiers().catalog().claim(key);
      if (chunk == null) {
        return claimed;
      }
      if (rules().hidden(key)) {
        chunk.unclaim();
        return claimed;
      }
      claimed.add(chunk);
    }
    return claimed;
  }

  private List<ChunkKey> keys(Tenant tenant, int[] tokenIds) {
    return ChunkKeys.of(tenant, parts.fingerprint(), tokenIds, geometry().blockTokens());
  }

  private long chunkBytes() {
    long bytes = 0;
    for (int layer = 0; layer < geometry().shape().layerCount(); layer++) {
      bytes += geometry().shape().owns(layer) ? geometry().block(layer).bytes() : 0;
    }
    return bytes;
  }

  private ModelGeometry geometry() {
    return parts.tiers().geometry();
  }
}
