package dev.varve.sdk;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.varve.offload.Tiers;
import dev.varve.offload.Watermarks;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.ClaimedPrefix;
import dev.varve.sdk.internal.Opening;
import dev.varve.sdk.internal.PrefixLoader;
import dev.varve.sdk.internal.Prefixes;
import dev.varve.sdk.internal.SavedSessions;
import dev.varve.sdk.internal.SessionFile;
import dev.varve.sdk.internal.SessionReading;
import dev.varve.sdk.internal.SessionState;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The KV cache of one model: its tiers, and the sessions that grow in it. Thread-safe; it starts no
 * thread. Any use after {@link #close} throws {@link IllegalStateException}.
 *
 * <p>Two ways to use it. <em>Varve attends</em>: {@link #openSession}, then a {@link Step} per pass
 * of the engine. <em>The engine attends</em>: {@link #match} and {@link PrefixMatch#load}, and
 * {@link #store}.
 */
public final class KvCache implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KvCache.class);

  private final CacheParts parts;
  private final String backendReason;
  private final Prefixes prefixes;
  private final Optional<SavedSessions> saved;
  private final Traffic traffic = new Traffic();
  private final Set<AutoCloseable> users = ConcurrentHashMap.newKeySet();
  private volatile boolean open = true;

  private KvCache(CacheConfig config, Opening opening) {
    this.parts = opening.parts();
    this.backendReason = opening.backendReason();
    this.prefixes = new Prefixes(parts);
    this.saved = config.ssd().map(ssd -> new SavedSessions(ssd.folder(), parts));
  }

  /**
   * Opens the tiers and finds what the SSD tier holds.
   *
   * @throws dev.varve.store.StoreException if a tier cannot be opened; says which and what to do
   */
  public static KvCache open(CacheConfig config) {
    return new KvCache(config, Opening.of(config));
  }

  /** The same with a clock like {@link System#nanoTime}. */
  static KvCache open(CacheConfig config, LongSupplier nanoTime) {
    return new KvCache(config, Opening.of(config, nanoTime));
  }

  /** An empty session without tenant. */
  public KvSession openSession() {
    return openSession(Tenant.NONE);
  }

  /** An empty session that finds and leaves blocks of {@code tenant} only. */
  public KvSession openSession(Tenant tenant) {
    checkOpen();
    return adopt(new SessionState(parts, tenant));
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
    checkOpen();
    ClaimedPrefix claimed = prefixes.claimWorthwhile(tenant, tokenIds);
    traffic.matched(claimed.chunks().size() * geometry().blockTokens(), tokenIds.length);
    return new PrefixMatch(new PrefixLoader(parts, claimed.chunks()), claimed.decision());
  }

  /**
   * Stores keys and values that the engine computed, as far as they fill whole blocks, and writes
   * them to the SSD tier where there is one. Blocks that are stored already are passed over.
   *
   * @param tokenIds the tokens from position 0 on
   * @param layers one entry per layer of the model with a row per token; entries of layers that
   *     share another's cache are not read
   * @return tokens of the prefix that is stored now
   */
  public int store(Tenant tenant, int[] tokenIds, List<LayerTensors> layers) {
    int span = geometry().blockTokens();
    int whole = tokenIds.length / span * span;
    if (layers.size() != geometry().shape().layerCount()) {
      throw new IllegalArgumentException(
          "the model has "
              + geometry().shape().layerCount()
              + " layers, tensors of "
              + layers.size()
              + " were given");
    }
    if (whole == 0) {
      return 0;
    }
    try (KvSession session = openSession(tenant)) {
      List<Chunk> held = prefixes.claim(tenant, tokenIds);
      session.state().adopt(held, Arrays.copyOf(tokenIds, held.size() * span));
      for (int at = session.length(); at < whole; at += span) {
        storeBlock(session, Arrays.copyOfRange(tokenIds, at, at + span), layers, at);
      }
      session.endTurn();
      return whole;
    }
  }

  private void storeBlock(KvSession session, int[] ids, List<LayerTensors> layers, int at) {
    try (Step step = session.begin(ids, false)) {
      for (int layer = 0; layer < layers.size(); layer++) {
        if (geometry().shape().owns(layer)) {
          LayerTensors rows = layers.get(layer).rows(at, ids.length);
          step.append(layer, rows.keys(), rows.values());
        }
      }
      step.end();
    }
  }

  /**
   * Carries blocks down ahead of need, from tiers that are nearly full, so that steps find free
   * memory. The cache starts no thread: call this between steps, or repeatedly from a thread of
   * your own.
   *
   * @return blocks that moved and syncs; 0 means that there was nothing to do
   */
  public int work() {
    checkOpen();
    return parts.mover().work(Watermarks.DEFAULT);
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
    checkOpen();
    try (Arena arena = Arena.ofConfined()) {
      return switch (saved().load(tenant, name, arena)) {
        case SessionReading.Sound(SessionFile file) -> resume(tenant, file);
        case SessionReading.Refused(String reason, boolean damaged) -> {
          if (damaged) {
            LOG.error("{}", reason);
            traffic.sessionRefused();
          }
          yield new Resumption.Refused(reason);
        }
      };
    }
  }

  private Resumption resume(Tenant tenant, SessionFile file) {
    KvSession session = openSession(tenant);
    boolean resumed = false;
    try {
      int[] ids = file.sealedTokenIds();
      List<Chunk> chunks = prefixes.claim(tenant, ids);
      session.state().adopt(chunks, Arrays.copyOf(ids, chunks.size() * geometry().blockTokens()));
      if (session.length() == ids.length) {
        session.state().restoreTail(file.tailTokenIds(), file::fill);
      }
      resumed = true;
      return new Resumption.Resumed(session, file.tokens());
    } finally {
      if (!resumed) {
        session.close();
      }
    }
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

  Traffic traffic() {
    return traffic;
  }

  int persist(Collection<Chunk> chunks) {
    return parts.mover().persist(chunks);
  }

  KvSession adopt(SessionState state) {
    KvSession session = new KvSession(this, state);
    users.add(session);
    return session;
  }

  void closed(KvSession session) {
    users.remove(session);
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the cache is closed: open another one");
    }
  }

  /**
   * Writes what is not yet on SSD and frees the tiers. Refused while sessions are open. Idempotent.
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
    Tiers tiers = parts.tiers();
    try {
      List<Chunk> unwritten = new ArrayList<>();
      tiers
          .catalog()
          .forEach(chunk -> {
            if (!chunk.restsIn(Tier.SSD)) {
              unwritten.add(chunk);
            }
          });
      parts.mover().persist(unwritten);
    } finally {
      tiers.lower().forEach(BlockTier::close);
      tiers.hot().close();
    }
  }
}
