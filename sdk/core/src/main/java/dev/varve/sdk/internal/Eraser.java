package dev.varve.sdk.internal;

import dev.varve.offload.Tiers;
import dev.varve.offload.tenancy.EraseScope;
import dev.varve.offload.tenancy.RetentionRules;
import dev.varve.sdk.ErasureReport;
import dev.varve.sdk.internal.reading.ChunkSelection;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.alias.AliasIndex;
import dev.varve.store.remote.RemoteStore;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Erases from tiers, saved sessions, aliases and indices together. Thread-safe. */
public final class Eraser {

  private final CacheParts parts;
  private final Optional<SavedSessions> saved;
  private final Supplier<Collection<SessionState>> openSessions;
  private final Optional<RemoteStore> remote;
  private final List<AliasIndex> aliases = new CopyOnWriteArrayList<>();
  private final List<ChunkSelection> selections = new CopyOnWriteArrayList<>();

  /**
   * @param openSessions those of the cache; asked on the thread that erases
   */
  public Eraser(
      CacheParts parts,
      Optional<SavedSessions> saved,
      Optional<RemoteStore> remote,
      Supplier<Collection<SessionState>> openSessions) {
    this.parts = parts;
    this.saved = saved;
    this.remote = remote;
    this.openSessions = openSessions;
  }

  /** From here on removes aliases from {@code index} too. */
  public void eraseFrom(AliasIndex index) {
    aliases.add(index);
  }

  /** From here on drops indices of {@code selection} too. */
  public void eraseFrom(ChunkSelection selection) {
    selections.add(selection);
  }

  /** Erases the last whole block of {@code tokenIds} and what continues it, in every lineage. */
  public ErasureReport erasePrefix(Tenant tenant, int[] tokenIds) {
    int span = parts.tiers().geometry().blockTokens();
    Tiers tiers = parts.tiers();
    ErasureReport report = new ErasureReport(0, 0, 0, 0, 0);
    for (Fingerprint lineage : tiers.variants().lineages().among(tiers.catalog().models())) {
      List<ChunkKey> keys = ChunkKeys.of(tenant, lineage, tokenIds, span);
      report =
          report.plus(erase(new EraseScope.OfPrefix(keys.getLast(), (keys.size() - 1) * span)));
    }
    return report;
  }

  /**
   * Erases {@code scope}.
   *
   * @throws dev.varve.store.StoreException if the remote store does not answer; all else is erased
   */
  public ErasureReport erase(EraseScope scope) {
    LongAdder sessions = new LongAdder();
    RetentionRules.Erased erased =
        parts
            .tenancy()
            .retention()
            .erase(
                scope,
                () -> mark(scope),
                parts.mover(),
                each -> saved.ifPresent(files -> sessions.add(files.erase(each))));
    int removed = eraseAliases(scope, erased.keys());
    remote.ifPresent(store -> erase(scope, store));
    return new ErasureReport(
        erased.chunks(), erased.bytes(), sessions.intValue(), removed, erased.held());
  }

  /** A prefix is gone from there as far as this process knew of it. */
  private static void erase(EraseScope scope, RemoteStore store) {
    switch (scope) {
      case EraseScope.OfTenant(var tenant) -> store.eraseTenant(tenant);
      case EraseScope.OfModel(var model) -> store.eraseModel(model);
      case EraseScope.OfPrefix _ -> {}
    }
  }

  private int eraseAliases(EraseScope scope, List<ChunkKey> keys) {
    Predicate<ChunkKey> gone =
        switch (scope) {
          case EraseScope.OfTenant(var tenant) -> key -> key.tenant().equals(tenant);
          case EraseScope.OfModel(var model) -> key -> key.fingerprint().sameModel(model);
          case EraseScope.OfPrefix prefix -> {
            Set<ChunkKey> erased = new HashSet<>(keys);
            erased.add(prefix.key());
            yield erased::contains;
          }
        };
    selections.forEach(selection -> selection.removeIf(gone));
    return aliases.stream().mapToInt(index -> index.removeIf(gone)).sum();
  }

  /**
   * Sessions that hold an erased chunk need no mark: what they seal behind it goes with it. Those
   * that copied rows from it do.
   */
  private void mark(EraseScope scope) {
    for (SessionState session : openSessions.get()) {
      boolean marked =
          switch (scope) {
            case EraseScope.OfTenant(var tenant) -> session.tenant().equals(tenant);
            case EraseScope.OfModel(var model) -> model.sameModel(parts.fingerprint());
            case EraseScope.OfPrefix prefix -> session.cameFrom(prefix.key());
          };
      if (marked) {
        session.terms().erase();
      }
    }
  }
}
