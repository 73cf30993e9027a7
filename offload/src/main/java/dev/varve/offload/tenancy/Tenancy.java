package dev.varve.offload.tenancy;

import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What tenants and retention say to whoever carries and drops chunks. Thread-safe.
 *
 * @param ledger who keeps how much
 * @param retention how long
 */
public record Tenancy(TenantLedger ledger, RetentionRules retention) {

  /** Nobody has a limit and nothing expires. */
  public static Tenancy unlimited(ChunkCatalog catalog) {
    return new Tenancy(
        new TenantLedger(catalog, QuotaConfig.NONE),
        new RetentionRules(
            catalog, () -> 0, LifetimeConfig.NONE, Journal.NONE, new Expiries(1 << 16)));
  }

  /** Whether no tenant has a quota. */
  public boolean unlimited() {
    return ledger.unlimited();
  }

  /** Judges the blocks of one batch for {@code to}. */
  public Admission admission(BlockTier to, ModelGeometry geometry) {
    return new Admission(ledger, to, geometry);
  }

  /** Shows the blocks of a batch one by one. */
  @FunctionalInterface
  public interface Blocks {

    /** Shows every block to {@code each}. */
    void forEach(Each each);

    /** One block. */
    @FunctionalInterface
    interface Each {
      /** A block of {@code chunk}. */
      void block(Chunk chunk, int layer);
    }
  }

  /**
   * The chunks that must leave before these blocks fit the quotas of their tenants, children before
   * parents. Neither the chunks of the blocks nor any before them are among these.
   */
  public List<ChunkKey> leaversFor(
      Blocks blocks, BlockTier to, ModelGeometry geometry, ChunkCatalog catalog) {
    if (ledger.unlimited()) {
      return List.of();
    }
    Admission admission = admission(to, geometry);
    SparedChunks spared = new SparedChunks(catalog);
    blocks.forEach((chunk, layer) -> {
      admission.want(chunk, layer);
      spared.add(chunk);
    });
    List<ChunkKey> leavers = new ArrayList<>();
    for (Map.Entry<Tenant, Long> each : admission.wanted().entrySet()) {
      leavers.addAll(ledger.leavers(each.getKey(), each.getValue(), spared.keys()));
    }
    return leavers;
  }

  /** The chunks of a tenant that must leave before {@code bytes} more fit its quota. */
  public List<ChunkKey> leaversFor(Tenant tenant, long bytes) {
    return ledger.unlimited() ? List.of() : ledger.leavers(tenant, bytes, Set.of());
  }

  /** Whether the quota of a tenant has room for {@code bytes} more; if not, that is counted. */
  public boolean admits(Tenant tenant, long bytes) {
    boolean admitted = ledger.hasRoomFor(tenant, bytes);
    if (!admitted) {
      ledger.dropped(tenant);
    }
    return admitted;
  }

  /**
   * Whether {@code chunk} is kept however full a tier is: neither its last copy nor a durable one
   * is dropped. It is pinned, or its tenant has a quota of its own.
   */
  public boolean keeps(Chunk chunk) {
    return ledger.hasOwnRoom(chunk.key().tenant()) || retention.pinned(chunk.key());
  }

  /** Notes that the catalog let go of {@code chunk}. */
  public void forgotten(Chunk chunk) {
    ledger.forgotten(chunk);
    retention.forgotten(chunk.key());
  }

  /**
   * Writes down what must be known of these chunks before a durable tier holds them.
   *
   * @throws dev.varve.store.StoreException if it cannot be written
   */
  public void beforeDurablePut(Collection<ChunkKey> keys) {
    retention.beforeDurablePut(keys);
  }

  /** Removes what is due and what is above a quota; returns how many chunks. */
  public int work(ChunkDropper dropper) {
    int done = retention.work(dropper);
    for (Tenant tenant : ledger.overdrawn()) {
      done += Math.toIntExact(dropper.drop(ledger.leavers(tenant, 0, Set.of())).chunks());
    }
    return done;
  }
}
