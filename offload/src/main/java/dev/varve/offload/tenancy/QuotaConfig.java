package dev.varve.offload.tenancy;

import dev.varve.store.BlockTier;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How many bytes tenants may keep below HOT.
 *
 * @param shared limit of every tenant that {@code own} does not name, callers without a salt
 *     counted as one; empty for none
 * @param own limits of single tenants, whose room nobody else's blocks take
 */
public record QuotaConfig(OptionalLong shared, Map<Tenant, Long> own) {

  /** No limit for anybody. */
  public static final QuotaConfig NONE = new QuotaConfig(OptionalLong.empty(), Map.of());

  public QuotaConfig {
    own = Map.copyOf(own);
    shared.ifPresent(bytes -> check("every tenant", bytes));
    own.forEach((tenant, bytes) -> check(tenant.toString(), bytes));
  }

  private static void check(String whose, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "the quota of "
              + whose
              + " must be at least 1 byte: "
              + bytes
              + "; leave it out for no limit, and do not store for whom nothing shall be kept");
    }
  }

  /** What {@code tenant} may keep; empty for any amount. */
  public OptionalLong of(Tenant tenant) {
    Long bytes = own.get(tenant);
    return bytes == null ? shared : OptionalLong.of(bytes);
  }

  /** Whether nobody has a limit. */
  public boolean isEmpty() {
    return shared.isEmpty() && own.isEmpty();
  }

  /**
   * Refuses quotas that {@code tiers} cannot keep.
   *
   * @param tiers the tiers below HOT, nearest first
   */
  public void checkFits(List<BlockTier> tiers, ModelGeometry geometry) {
    if (isEmpty()) {
      return;
    }
    if (tiers.isEmpty()) {
      throw new IllegalArgumentException(
          "quotas count what is stored below HOT, and this cache has no such tier: configure a"
              + " host or an SSD tier, or leave the quotas out");
    }
    long chunk = tiers.stream().mapToLong(tier -> chunkBytes(tier, geometry)).max().orElseThrow();
    shared.ifPresent(bytes -> checkChunk("every tenant", bytes, chunk));
    own.forEach((tenant, bytes) -> checkChunk(tenant.toString(), bytes, chunk));
    BlockTier last = tiers.getLast();
    long capacity = last.usage().capacityBytes();
    long left = capacity;
    for (long bytes : own.values()) {
      left -= Math.min(bytes, capacity + 1);
      if (left < 0) {
        throw new IllegalArgumentException(
            "the quotas of single tenants add up to more than the "
                + capacity
                + " bytes of "
                + last.tier()
                + ", where they end up: lower them or enlarge the tier");
      }
    }
  }

  private static void checkChunk(String whose, long bytes, long chunk) {
    if (bytes < chunk) {
      throw new IllegalArgumentException(
          "the quota of "
              + whose
              + " is "
              + bytes
              + " bytes, and one chunk of this model takes "
              + chunk
              + ": give it room for a chunk at least");
    }
  }

  private static long chunkBytes(BlockTier tier, ModelGeometry geometry) {
    long bytes = 0;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        bytes += tier.footprint(Math.toIntExact(geometry.block(layer).bytes()));
      }
    }
    return bytes;
  }
}
