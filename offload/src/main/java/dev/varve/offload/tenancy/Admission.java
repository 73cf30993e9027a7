package dev.varve.offload.tenancy;

import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Judges the blocks of one batch, in order, before any of them is written. A chunk that nothing is
 * stored of below HOT is admitted whole or not at all; a second copy of a stored block always is,
 * for it does not count. For one thread.
 */
public final class Admission {

  private final TenantLedger ledger;
  private final BlockTier to;
  private final ModelGeometry geometry;
  private final Map<Tenant, Long> wanted = new HashMap<>();
  private final Set<ChunkKey> whole = new HashSet<>();
  private final Set<ChunkKey> refused = new HashSet<>();

  Admission(TenantLedger ledger, BlockTier to, ModelGeometry geometry) {
    this.ledger = ledger;
    this.to = to;
    this.geometry = geometry;
  }

  /** Whether this block may be written; a block that may not is counted as dropped. */
  public boolean admits(Chunk chunk, int layer) {
    if (ledger.unlimited() || stored(chunk, layer)) {
      return true;
    }
    ChunkKey key = chunk.key();
    if (refused.contains(key)) {
      ledger.dropped(key.tenant());
      return false;
    }
    long bytes = wantedFor(chunk, layer);
    long before = wanted.getOrDefault(key.tenant(), 0L);
    if (!ledger.hasRoomFor(key.tenant(), before + bytes)) {
      refused.add(key);
      ledger.dropped(key.tenant());
      return false;
    }
    wanted.put(key.tenant(), before + bytes);
    return true;
  }

  /** Notes a block without judging it, for {@link #wanted}. */
  void want(Chunk chunk, int layer) {
    if (!stored(chunk, layer)) {
      wanted.merge(chunk.key().tenant(), wantedFor(chunk, layer), Long::sum);
    }
  }

  /** Bytes by tenant that the noted blocks need. */
  Map<Tenant, Long> wanted() {
    return wanted;
  }

  private long wantedFor(Chunk chunk, int layer) {
    if (whole.contains(chunk.key())) {
      return 0;
    }
    if (storedAtAll(chunk)) {
      return footprint(layer);
    }
    whole.add(chunk.key());
    long bytes = 0;
    for (int each = 0; each < chunk.layers(); each++) {
      bytes += chunk.anywhere(each) ? footprint(each) : 0;
    }
    return bytes;
  }

  private long footprint(int layer) {
    int known = geometry.blocks().size();
    return to.footprint(Math.toIntExact(geometry.block(Math.min(layer, known - 1)).bytes()));
  }

  private static boolean storedAtAll(Chunk chunk) {
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (stored(chunk, layer)) {
        return true;
      }
    }
    return false;
  }

  private static boolean stored(Chunk chunk, int layer) {
    return chunk.in(Tier.HOST, layer) || chunk.in(Tier.SSD, layer);
  }
}
