package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.ChunkDropper;
import dev.varve.offload.tenancy.EraseScope;
import dev.varve.offload.tenancy.LifetimeConfig;
import dev.varve.offload.tenancy.QuotaConfig;
import dev.varve.offload.tenancy.RetentionRules;
import dev.varve.offload.tenancy.TenancyConfig;
import dev.varve.offload.tenancy.TenancyOpening;
import dev.varve.sdk.ErasureReport;
import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.StoreMaintenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Erases from a store without a cache over it: the tier, the journal and the session files. */
public final class StoreErasure {

  private static final int AT_ONCE = 4096;

  /** Nothing expires, and no pin is given up for a limit that this process does not know. */
  private static final TenancyConfig EVERYTHING =
      new TenancyConfig(
          QuotaConfig.NONE,
          new LifetimeConfig(Optional.empty(), Map.of(), OptionalLong.of(Long.MAX_VALUE)));

  /** Without quotas nobody asks what a chunk of a model takes. */
  private static final ModelGeometry NO_MODEL =
      ModelGeometry.of(
          ModelShape.uniform(1, LayerShape.grouped(1, 1, 8, RopeSpec.none()), Dtype.F16), 32);

  private StoreErasure() {}

  /** Erases what {@code scopes} names, given what the store holds. */
  public static ErasureReport run(Path store, Function<ChunkCatalog, List<EraseScope>> scopes) {
    try (SsdTier tier = StoreMaintenance.open(store)) {
      ChunkCatalog catalog = new ChunkCatalog();
      tier.forEach(header -> catalog.found(header, Tier.SSD));
      try (TenancyOpening opening =
          TenancyOpening.of(
              EVERYTHING,
              new TenancyOpening.StoredChunks(List.of(tier), catalog, NO_MODEL),
              Optional.of(store),
              () -> 0)) {
        return erase(store, tier, catalog, opening, scopes.apply(catalog));
      }
    }
  }

  private static ErasureReport erase(
      Path store,
      SsdTier tier,
      ChunkCatalog catalog,
      TenancyOpening opening,
      List<EraseScope> scopes) {
    Path sessions = store.resolve("sessions");
    TierDropper dropper = new TierDropper(tier, catalog);
    RetentionRules rules = opening.tenancy().retention();
    opening.recover(dropper, scope -> new SessionErasure(scope).run(sessions));
    ErasureReport report = new ErasureReport(0, 0, 0, 0, 0);
    for (EraseScope scope : scopes) {
      LongAdder files = new LongAdder();
      RetentionRules.Erased erased =
          rules.erase(
              scope, () -> {}, dropper, each -> files.add(new SessionErasure(each).run(sessions)));
      report =
          report.plus(
              new ErasureReport(
                  erased.chunks(), erased.bytes(), files.intValue(), 0, erased.held()));
    }
    return report;
  }

  /** The prefix of these tokens, in every lineage of the model. */
  public static List<EraseScope> prefix(
      ChunkCatalog catalog, Tenant tenant, Fingerprint model, int[] tokenIds) {
    OptionalInt span = span(catalog, tenant, model);
    if (span.isEmpty()) {
      throw new IllegalArgumentException(
          "the store has no block of model " + model + " for " + tenant);
    }
    if (tokenIds.length < span.getAsInt()) {
      throw new IllegalArgumentException(
          "%d tokens are less than one block of this model, which has %d"
              .formatted(tokenIds.length, span.getAsInt()));
    }
    List<EraseScope> scopes = new ArrayList<>();
    for (Fingerprint lineage : catalog.models()) {
      if (lineage.sameModel(model)) {
        List<ChunkKey> keys = ChunkKeys.of(tenant, lineage, tokenIds, span.getAsInt());
        scopes.add(new EraseScope.OfPrefix(keys.getLast(), (keys.size() - 1) * span.getAsInt()));
      }
    }
    return scopes;
  }

  private static OptionalInt span(ChunkCatalog catalog, Tenant tenant, Fingerprint model) {
    int[] span = {0};
    catalog.forEach(chunk -> {
      ChunkKey key = chunk.key();
      if (key.tenant().equals(tenant) && key.fingerprint().sameModel(model)) {
        span[0] = chunk.tokens();
      }
    });
    return span[0] == 0 ? OptionalInt.empty() : OptionalInt.of(span[0]);
  }

  /** Drops chunks from the one tier there is, whatever their encodings. */
  private record TierDropper(SsdTier tier, ChunkCatalog catalog) implements ChunkDropper {

    @Override
    public Dropped drop(Collection<ChunkKey> keys) {
      Set<ChunkKey> leaving = new HashSet<>();
      for (ChunkKey key : keys) {
        @Nullable Chunk chunk = catalog.peek(key);
        if (chunk != null && catalog.forget(chunk)) {
          leaving.add(key);
        }
      }
      List<BlockKey> blocks = new ArrayList<>();
      if (!leaving.isEmpty()) {
        tier.forEach(header -> {
          if (leaving.contains(header.key().chunk())) {
            blocks.add(header.key());
          }
        });
      }
      long before = tier.usage().payloadBytes();
      for (int from = 0; from < blocks.size(); from += AT_ONCE) {
        tier.remove(blocks.subList(from, Math.min(blocks.size(), from + AT_ONCE)));
      }
      return new Dropped(leaving.size(), before - tier.usage().payloadBytes());
    }

    @Override
    public void sync() {
      tier.sync();
    }
  }
}
