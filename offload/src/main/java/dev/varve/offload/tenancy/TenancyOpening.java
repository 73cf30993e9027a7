package dev.varve.offload.tenancy;

import dev.varve.store.BlockTier;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ModelGeometry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Opens what a cache knows of its tenants, in two steps, because the one who drops chunks needs the
 * first to be made. Closing it closes the journal.
 */
public final class TenancyOpening implements AutoCloseable {

  private static final int ROWS_AT_ONCE = 1 << 16;

  /** Part of the farthest tier that may be pinned unless the config says otherwise. */
  private static final int PINNED_PART = 4;

  private final Tenancy tenancy;
  private final long damaged;
  private final Journal journal;
  private final JournalReading reading;

  private TenancyOpening(Tenancy tenancy, long damaged, Journal journal, JournalReading reading) {
    this.tenancy = tenancy;
    this.damaged = damaged;
    this.journal = journal;
    this.reading = reading;
  }

  /**
   * Reads the journal and counts what the tiers hold.
   *
   * @param store folder of the durable tier, locked by it; empty if nothing outlives the process
   * @param millis time since 1970
   */
  public static TenancyOpening of(
      TenancyConfig config, StoredChunks stored, Optional<Path> store, LongSupplier millis) {
    config.quotas().checkFits(stored.tiers(), stored.geometry());
    TenantLedger ledger = new TenantLedger(stored.catalog(), config.quotas());
    stored.tiers().forEach(ledger::follow);
    Expiries expiries = new Expiries(ROWS_AT_ONCE);
    JournalReading reading = new JournalReading(expiries);
    Optional<JournalFile> file = store.map(folder -> JournalFile.open(folder, reading));
    Journal journal = file.isPresent() ? file.get() : Journal.NONE;
    LifetimeConfig lifetimes = config.lifetimes().withPinLimit(farthest(stored) / PINNED_PART);
    RetentionRules retention =
        new RetentionRules(stored.catalog(), millis, lifetimes, journal, expiries);
    long damaged = file.map(JournalFile::damaged).orElse(0L);
    return new TenancyOpening(new Tenancy(ledger, retention), damaged, journal, reading);
  }

  private static long farthest(StoredChunks stored) {
    return stored.tiers().isEmpty() ? 0 : stored.tiers().getLast().usage().capacityBytes();
  }

  /**
   * What a cache found when its tiers were opened.
   *
   * @param tiers the tiers below HOT, nearest first
   * @param catalog knows their blocks
   * @param geometry of the cache's model
   */
  public record StoredChunks(List<BlockTier> tiers, ChunkCatalog catalog, ModelGeometry geometry) {}

  /** To carry chunks with. */
  public Tenancy tenancy() {
    return tenancy;
  }

  /** Places of the journal that failed a check. */
  public long damaged() {
    return damaged;
  }

  /**
   * Does what the journal asks for, before the first session.
   *
   * @param others erases what is not in tiers: saved sessions
   */
  public void recover(ChunkDropper dropper, Consumer<EraseScope> others) {
    tenancy.retention().recover(reading, dropper, others);
  }

  @Override
  public void close() {
    journal.close();
  }
}
