package dev.varve.sdk.internal;

import dev.varve.offload.Tiers;
import dev.varve.offload.tenancy.EraseScope;
import dev.varve.offload.tenancy.Pin;
import dev.varve.offload.tenancy.RetentionRules;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    int chunks = 0;
    for (List<ChunkKey> keys : keys(tenant, tokenIds)) {
      int firstToken = (keys.size() - 1) * geometry().blockTokens();
      chunks +=
          rules()
              .expire(
                  new EraseScope.OfPrefix(keys.getLast(), firstToken),
                  keys.subList(0, keys.size() - 1),
                  moment);
    }
    return chunks;
  }

  /** Pins the longest stored front of {@code tokenIds}, in the lineage that has most of it. */
  public Pin pin(Tenant tenant, int[] tokenIds, Optional<Instant> until) {
    List<Chunk> claimed = List.of();
    for (List<ChunkKey> keys : keys(tenant, tokenIds)) {
      List<Chunk> found = claim(keys);
      boolean more = found.size() > claimed.size();
      (more ? claimed : found).forEach(Chunk::unclaim);
      claimed = more ? found : claimed;
    }
    return pin(tenant, claimed, tokenIds, until);
  }

  private Pin pin(Tenant tenant, List<Chunk> claimed, int[] tokenIds, Optional<Instant> until) {
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
      int unwritten = parts.mover().persist(claimed);
      if (unwritten > 0) {
        rules().unpin(pin.id());
        throw new IllegalArgumentException(
            ("the SSD tier has no room for %d of the %d blocks to pin for %s, and a pin that ends"
                    + " with the process is none: unpin others, raise quotas or enlarge the tier")
                .formatted(unwritten, claimed.size() * geometry().owningLayers(), tenant));
      }
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

  /** The keys of a prefix in every lineage, the exact one first. */
  private List<List<ChunkKey>> keys(Tenant tenant, int[] tokenIds) {
    Set<Fingerprint> lineages = new LinkedHashSet<>();
    lineages.add(parts.fingerprint());
    Tiers tiers = parts.tiers();
    lineages.addAll(tiers.variants().lineages().among(tiers.catalog().models()));
    return lineages.stream()
        .map(each -> ChunkKeys.of(tenant, each, tokenIds, geometry().blockTokens()))
        .toList();
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
