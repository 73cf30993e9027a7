package dev.varve.sdk;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.varve.offload.Prefetch;
import dev.varve.offload.Tiers;
import dev.varve.offload.object.ObjectStore;
import dev.varve.offload.tenancy.TenancyOpening;
import dev.varve.offload.transfer.PrefillCost;
import dev.varve.offload.variant.Lineages;
import dev.varve.offload.variant.Variants;
import dev.varve.sdk.attention.AttentionService;
import dev.varve.sdk.attention.SelectionService;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.internal.BatchAttention;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.ClaimedChain;
import dev.varve.sdk.internal.ClaimedPrefix;
import dev.varve.sdk.internal.Clocks;
import dev.varve.sdk.internal.Eraser;
import dev.varve.sdk.internal.Keeping;
import dev.varve.sdk.internal.Opening;
import dev.varve.sdk.internal.PrefixLoader;
import dev.varve.sdk.internal.Prefixes;
import dev.varve.sdk.internal.SavedSessions;
import dev.varve.sdk.internal.SessionPolicies;
import dev.varve.sdk.internal.SessionState;
import dev.varve.sdk.internal.SharedObjects;
import dev.varve.sdk.internal.TenantCensus;
import dev.varve.sdk.internal.Upkeep;
import dev.varve.sdk.internal.far.ChunkAttention;
import dev.varve.sdk.internal.reading.ChunkSelection;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectStats;
import dev.varve.store.remote.RemoteStats;
import dev.varve.store.remote.RemoteStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The KV cache of one model: its tiers, and the sessions that grow in it. Thread-safe; the one
 * thread it starts is the mover's, if the config names one. Any use after {@link #close} throws
 * {@link IllegalStateException}.
 *
 * <p>Two ways to use it. <em>Varve attends</em>: {@link #openSession}, then a {@link Step} per pass
 * of the engine. <em>The engine attends</em>: {@link #match} and {@link PrefixMatch#load}, and
 * {@link #store}.
 */
public final class KvCache implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KvCache.class);

  private final CacheParts parts;
  private final Acceptance acceptance;
  private final String backendReason;
  private final Upkeep upkeep;
  private final Prefixes prefixes;
  private final Optional<SavedSessions> saved;
  private final Optional<ObjectStore> objects;
  private final Optional<RemoteStore> remote;
  private final Traffic traffic = new Traffic();
  private final TenancyOpening tenancy;
  private final Tenants tenants;
  private final Eraser eraser;
  private final Retention retention;
  private final Set<KvSession> users = ConcurrentHashMap.newKeySet();
  private volatile boolean open = true;

  private KvCache(Opening opening, Acceptance acceptance) {
    this.parts = opening.parts();
    this.acceptance = acceptance;
    this.backendReason = opening.backendReason();
    this.upkeep = opening.upkeep();
    this.prefixes = new Prefixes(parts);
    this.saved = opening.saved();
    this.objects = opening.objects();
    this.remote = opening.remote();
    this.tenancy = opening.tenancy();
    this.eraser =
        new Eraser(parts, saved, remote, () -> users.stream().map(KvSession::state).toList());
    this.tenants = new Tenants(this::checkOpen, new TenantCensus(parts), eraser);
    this.retention =
        new Retention(this::checkOpen, new Keeping(parts, opening.tenancy().damaged()));
  }

  /**
   * Opens the tiers and finds what the SSD tier holds.
   *
   * @throws dev.varve.store.StoreException if a tier cannot be opened; says which and what to do
   * @throws IllegalArgumentException if a tier's encoding cannot write this model's blocks
   */
  public static KvCache open(CacheConfig config) {
    return new KvCache(Opening.of(config), config.acceptance());
  }

  /** The same with a clock like {@link System#nanoTime}. */
  static KvCache open(CacheConfig config, LongSupplier nanoTime) {
    return open(config, new Clocks(nanoTime, System::currentTimeMillis));
  }

  /** The same with clocks of the caller. */
  static KvCache open(CacheConfig config, Clocks clocks) {
    return new KvCache(Opening.of(config, clocks), config.acceptance());
  }

  /** An empty session without tenant. */
  public KvSession openSession() {
    return openSession(Tenant.NONE);
  }

  /** An empty session that finds and leaves blocks of {@code tenant} only. */
  public KvSession openSession(Tenant tenant) {
    return openSession(tenant, acceptance);
  }

  /** The same; it may be given the approximations that are accepted, and leaves such. */
  public KvSession openSession(Tenant tenant, Acceptance accepted) {
    return openSession(tenant, accepted, SessionPolicies.NONE);
  }

  private KvSession openSession(Tenant tenant, Acceptance accepted, SessionPolicies policies) {
    checkOpen();
    policies.check(geometry().shape(), !parts.tiers().lower().isEmpty());
    return adopt(new SessionState(parts, tenant, lineage(accepted), policies));
  }

  private Fingerprint lineage(Acceptance accepted) {
    Variants variants = parts.tiers().variants();
    Lineages lineages = variants.lineages();
    return switch (accepted) {
      case Acceptance.Exact() -> lineages.exact();
      case Acceptance.Named(Set<Encoding> named) -> lineages.accepting(named::contains);
      case Acceptance.Within(double fraction) ->
          lineages.accepting(encoding -> variants.within(encoding, fraction));
    };
  }

  /**
   * An empty session of {@code tenant} that forgets what {@code policy} does not keep.
   *
   * @throws IllegalArgumentException if the policy needs what this cache has not
   */
  public KvSession openSession(Tenant tenant, Forgetting policy) {
    return openSession(tenant, acceptance, policy);
  }

  /** The same; until it forgets it may be given the approximations that are accepted. */
  public KvSession openSession(Tenant tenant, Acceptance accepted, Forgetting policy) {
    return openSession(tenant, accepted, SessionPolicies.of(policy));
  }

  /**
   * An empty session of {@code tenant} that keeps everything and reads what {@code reading}
   * chooses. What it computes from a choice is approximate: sessions that read otherwise never find
   * it.
   *
   * @throws IllegalArgumentException if the policy does not fit this model
   */
  public KvSession openSession(Tenant tenant, SelectiveReading reading) {
    return openSession(tenant, acceptance, SessionPolicies.of(reading));
  }

  /**
   * A session with all that may be said of one. With both policies it reads again what it parks.
   *
   * @throws IllegalArgumentException if the policies do not fit this model or each other
   */
  public KvSession openSession(
      Tenant tenant,
      Acceptance accepted,
      Optional<Forgetting> forgetting,
      Optional<SelectiveReading> reading) {
    return openSession(tenant, accepted, new SessionPolicies(forgetting, reading));
  }

  /** Attention for steps of several sessions of this cache at once; make one for each thread. */
  public KvBatch batch() {
    checkOpen();
    return new KvBatch(this, new BatchAttention(parts));
  }

  /** Attention over stored chunks, where they lie; make one for each thread. */
  public AttentionService attention() {
    checkOpen();
    return new ChunkAttention(parts, this::checkOpen);
  }

  /**
   * Chooses tokens of stored chunks; one for all threads.
   *
   * @param limitBytes most bytes of the indices that it keeps
   */
  public SelectionService selection(long limitBytes) {
    checkOpen();
    ChunkSelection selection = new ChunkSelection(parts, this::checkOpen, limitBytes);
    eraser.eraseFrom(selection);
    return selection;
  }

  /** Bytes of one slot of the hot tier. */
  long slotBytes() {
    return parts.tiers().hot().slotBytes();
  }

  /**
   * Reports what the engine's prefill takes, as often as it likes. From the first report on a
   * stored prefix is fetched only as far as that is predicted to be faster than computing it.
   *
   * @param tokens computed in one pass; report prompts, not single decoded tokens
   * @param fromPosition position of the first of them
   * @param nanos time of that pass
   */
  public void reportPrefill(int tokens, int fromPosition, long nanos) {
    checkOpen();
    parts.transfers().prefill().report(tokens, fromPosition, nanos);
  }

  /** What the engine's prefill takes, as far as that is known. */
  public Optional<PrefillCost> prefillCost() {
    return parts.transfers().prefill().cost();
  }

  /**
   * The longest stored prefix of {@code tokenIds} that is worth fetching, held until the match is
   * closed.
   */
  @CheckReturnValue
  public PrefixMatch match(int[] tokenIds) {
    return match(Tenant.NONE, tokenIds);
  }

  /** The same among the blocks of {@code tenant}. */
  @CheckReturnValue
  public PrefixMatch match(Tenant tenant, int[] tokenIds) {
    return match(tenant, acceptance, tokenIds);
  }

  /** The same; the blocks may be approximations that are accepted. */
  @CheckReturnValue
  public PrefixMatch match(Tenant tenant, Acceptance accepted, int[] tokenIds) {
    checkOpen();
    ClaimedPrefix claimed = prefixes.claimWorthwhile(tenant, lineage(accepted), tokenIds);
    matched(tenant, claimed, claimed.chunks().size() * geometry().blockTokens(), tokenIds.length);
    return new PrefixMatch(new PrefixLoader(parts, claimed.chunks()), claimed.decision());
  }

  /**
   * Stores keys and values that the engine computed, as far as they fill whole blocks, and writes
   * them to the SSD tier where there is one. Blocks that are stored already are passed over. Tiers
   * may write them in the approximations that sessions accept by default.
   *
   * @param tokenIds the tokens from position 0 on
   * @param layers one entry per layer of the model with a row per token; entries of layers that
   *     share another's cache are not read
   * @return tokens of the prefix that is stored now
   */
  public int store(Tenant tenant, int[] tokenIds, List<LayerTensors> layers) {
    try (PrefixWriter writer = write(tenant, tokenIds)) {
      while (writer.tokens() < writer.end()) {
        writer.write(layers, writer.tokens());
      }
      return writer.finish();
    }
  }

  /** Stores the same block by block, behind what is stored already. */
  public PrefixWriter write(Tenant tenant, int[] tokenIds) {
    KvSession session = openSession(tenant);
    try {
      ClaimedChain held = prefixes.claim(tenant, session.state().lineage(), tokenIds);
      return PrefixWriter.open(session, geometry(), tokenIds, held);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** What is stored of the front of {@code tokenIds}, and where; nothing is read, held, counted. */
  public StoredPrefix find(Tenant tenant, int[] tokenIds) {
    checkOpen();
    return prefixes.find(tenant, lineage(acceptance), tokenIds);
  }

  /** All that is stored of {@code tokenIds}, held; each block is read when it is loaded. */
  @CheckReturnValue
  public PrefixMatch hold(Tenant tenant, int[] tokenIds) {
    checkOpen();
    ClaimedPrefix held = prefixes.hold(tenant, lineage(acceptance), tokenIds);
    matched(tenant, held, held.chunks().size() * geometry().blockTokens(), tokenIds.length);
    return new PrefixMatch(new PrefixLoader(parts, held.chunks()), held.decision());
  }

  /** Notes that a prompt of {@code asked} tokens took over {@code reused} of them. */
  void matched(Tenant tenant, ClaimedPrefix claimed, int reused, int asked) {
    traffic.matched(reused, asked);
    parts.tenancy().ledger().matched(tenant, claimed.chunks());
  }

  /** The opaque objects without tenant. */
  public ObjectSpace objects() {
    return objects(Tenant.NONE);
  }

  /**
   * The opaque objects of {@code tenant}: bytes by name, in the tiers below HOT, under the quota,
   * the expiry rules and the erasures of the tenant. With a remote store, copies of what other
   * processes keep there are found, too, and what is committed is copied there.
   *
   * @throws IllegalStateException if this cache has no tier below HOT
   */
  public ObjectSpace objects(Tenant tenant) {
    ObjectSpace own = objectStore().of(tenant);
    return remote.<ObjectSpace>map(store -> new SharedObjects(own, store, tenant)).orElse(own);
  }

  /** What became of what was asked of the remote store; empty without one. */
  public Optional<RemoteStats> remoteStats() {
    checkOpen();
    return remote.map(RemoteStore::stats);
  }

  /** What objects there are, of all tenants, and what became of them. */
  public ObjectStats objectStats() {
    return objectStore().stats();
  }

  private ObjectStore objectStore() {
    checkOpen();
    return objects.orElseThrow(() ->
        new IllegalStateException(
            "objects are kept below the hot tier and this cache has no tier there: configure a"
                + " host or SSD tier"));
  }

  /** Who keeps how much, and erasing it. */
  public Tenants tenants() {
    return tenants;
  }

  /** How long blocks are kept: expiry and pins. */
  public Retention retention() {
    return retention;
  }

  /**
   * Moves some blocks ahead of need: down from tiers that are nearly full, so that steps find free
   * memory, and up for {@link #prefetch}. The mover's thread does this again and again where the
   * config names one; else call it between steps, or repeatedly from a thread of your own.
   *
   * @return blocks that moved and upkeep done; 0 means that there is nothing to do now
   */
  public int work() {
    checkOpen();
    return upkeep.work();
  }

  /** Announces a prompt without tenant. */
  public Prefetch prefetch(int[] tokenIds) {
    return prefetch(Tenant.NONE, tokenIds);
  }

  /**
   * Announces a prompt: what is stored of it is made hot, first blocks first, by the mover's thread
   * or by {@link #work}, while sessions go on. It takes free memory, and that of chunks that no
   * session holds, up to the share that the config allows.
   *
   * @return to watch and to cancel it; it need not be closed
   */
  public Prefetch prefetch(Tenant tenant, int[] tokenIds) {
    checkOpen();
    return prefixes.prefetch(tenant, lineage(acceptance), tokenIds);
  }

  /** Resumes a session without tenant. */
  public Resumption resume(String name) {
    return resume(Tenant.NONE, name);
  }

  /**
   * Opens the session that {@link KvSession#save} left under this name, as it was: the next step
   * gives the same bits as if it had never stopped. What is saved stays saved. Refused, with a
   * sentence, where there is none for this tenant and model and where the file is damaged, which is
   * counted too.
   */
  public Resumption resume(Tenant tenant, String name) {
    return resume(tenant, name, SessionPolicies.NONE);
  }

  /**
   * The same for a session that forgets what {@code policy} does not keep: the policy is not saved.
   * Queries that it wants to see are those of steps to come.
   */
  public Resumption resume(Tenant tenant, String name, Forgetting policy) {
    return resume(tenant, name, SessionPolicies.of(policy));
  }

  /** The same without tenant. */
  public Resumption resume(String name, SelectiveReading reading) {
    return resume(Tenant.NONE, name, reading);
  }

  /**
   * The same for a session that reads what {@code reading} chooses: a session that has read so is
   * resumed with the same policy only.
   */
  public Resumption resume(Tenant tenant, String name, SelectiveReading reading) {
    return resume(tenant, name, SessionPolicies.of(reading));
  }

  /** The same for one that parks and reads again; its first step reads all that is parked. */
  public Resumption resume(Tenant tenant, String name, Forgetting policy, SelectiveReading how) {
    return resume(tenant, name, SessionPolicies.of(policy, how));
  }

  private Resumption resume(Tenant tenant, String name, SessionPolicies policies) {
    checkOpen();
    policies.check(geometry().shape(), !parts.tiers().lower().isEmpty());
    SessionResuming resuming = new SessionResuming(parts, prefixes, traffic, this::adopt);
    return parts
        .tenancy()
        .retention()
        .whileNoErasureBegins(() -> resuming.resume(saved(), tenant, name, policies));
  }

  /** Names of the saved sessions without tenant, sorted. */
  public List<String> savedSessions() {
    return savedSessions(Tenant.NONE);
  }

  /** Names of the saved sessions of {@code tenant}, of any model, sorted. */
  public List<String> savedSessions(Tenant tenant) {
    checkOpen();
    return saved().names(tenant);
  }

  /** Deletes a saved session without tenant; false if there was none. */
  public boolean deleteSaved(String name) {
    return deleteSaved(Tenant.NONE, name);
  }

  /** Deletes a saved session of {@code tenant}, of any model; false if there was none. */
  public boolean deleteSaved(Tenant tenant, String name) {
    checkOpen();
    return saved().delete(tenant, name);
  }

  /** Where sessions are saved; refused without an SSD tier. */
  SavedSessions saved() {
    return saved.orElseThrow(() ->
        new IllegalStateException(
            "sessions are saved on SSD and this cache has no SSD tier: configure one"));
  }

  /** Blocks of every layer. */
  public ModelGeometry geometry() {
    return parts.tiers().geometry();
  }

  /** Identity of the model whose blocks this cache holds. */
  public Fingerprint fingerprint() {
    return parts.fingerprint();
  }

  /**
   * Has {@code told} hear of every chunk that no tier of this process holds any more; on the thread
   * that lets go of it, so it must be quick and must not call the cache.
   */
  public void onForgotten(Consumer<ChunkKey> told) {
    parts.orders().onForgotten(told);
  }

  /** Which kernels run, and why not better ones: one line. */
  public String backend() {
    return backendReason;
  }

  /** What the cache holds and has done; counted when called. */
  public CacheStats stats() {
    checkOpen();
    return StatsReport.of(parts, traffic);
  }

  Prefixes prefixes() {
    return prefixes;
  }

  int persist(Collection<Chunk> chunks) {
    return parts.mover().persist(kept(chunks));
  }

  private List<Chunk> kept(Collection<Chunk> chunks) {
    return chunks.stream()
        .filter(chunk -> !parts.tenancy().retention().hidden(chunk.key()))
        .toList();
  }

  /** Saves {@code state} unless its tokens were erased. */
  void save(String name, SessionState state) {
    Optional<ChunkKey> last = state.lastChunk();
    parts
        .tenancy()
        .retention()
        .whileNotErased(state.terms(), last, () -> saved().save(name, state));
  }

  KvSession fork(SessionState state) {
    return parts.tenancy().retention().whileNoErasureBegins(() -> adopt(state.fork()));
  }

  /** A fork for another policy, which sees the queries of steps to come. */
  KvSession fork(SessionState state, Forgetting policy) {
    return parts
        .tenancy()
        .retention()
        .whileNoErasureBegins(() -> adopt(state.fork(Optional.of(policy))));
  }

  private KvSession adopt(SessionState state) {
    KvSession session = new KvSession(this, state);
    users.add(session);
    return session;
  }

  void closed(KvSession session) {
    users.remove(session);
    parts.tenancy().retention().sweep(parts.mover());
  }

  void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the cache is closed: open another one");
    }
  }

  /**
   * Ends the mover's thread after the batch under way, writes what is not yet on SSD and frees the
   * tiers. Refused while sessions are open. Idempotent.
   */
  @Override
  public synchronized void close() {
    if (!open) {
      return;
    }
    if (!users.isEmpty()) {
      throw new IllegalStateException(
          "the cache cannot close while " + users.size() + " sessions are open: close them first");
    }
    open = false;
    upkeep.close();
    Tiers tiers = parts.tiers();
    try {
      objects.ifPresent(ObjectStore::close);
      parts.tenancy().work(parts.mover());
      List<Chunk> unwritten = new ArrayList<>();
      tiers
          .catalog()
          .forEach(chunk -> {
            if (!chunk.restsIn(Tier.SSD)) {
              unwritten.add(chunk);
            }
          });
      persist(unwritten);
      StatsReport.encodings(parts).forEach(line -> LOG.info("{}", line));
    } finally {
      tenancy.close();
      tiers.lower().forEach(BlockTier::close);
      tiers.hot().close();
    }
  }
}
