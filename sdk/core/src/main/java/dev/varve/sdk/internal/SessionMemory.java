package dev.varve.sdk.internal;

import dev.varve.sdk.HotTierFullException;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.internal.memory.AttentionFollower;
import dev.varve.sdk.internal.memory.Compaction;
import dev.varve.sdk.internal.memory.GivenSignals;
import dev.varve.sdk.internal.memory.HistoryView;
import dev.varve.sdk.internal.memory.PrivateRows;
import dev.varve.sdk.internal.memory.QueryRings;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.sdk.internal.memory.SharedSums;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What a session forgot, and what it holds since: private rows in place of shared blocks, the
 * chunks it parked, and the names of the chunks that its rows came from, by which they are erased.
 * For one thread at a time, except {@link #cameFrom}.
 */
final class SessionMemory implements AutoCloseable {

  private final CacheParts parts;
  private final HotSlots slots;
  private final Optional<Forgetting> policy;
  private final QueryRings queries;
  private final ForgettingFailures failures;
  private final @Nullable AttentionFollower follower;
  private final @Nullable SharedSums sums;
  private final List<Chunk> parked = new ArrayList<>();
  private final List<ChunkKey> trail = new CopyOnWriteArrayList<>();
  private @Nullable PrivateRows own;
  private final PrivateRows.Places places = this::places;
  private GivenSignals signals = new GivenSignals();
  private int nowTokens;

  /** How many of the names at the front of the trail are those of chunks that were shared. */
  private int shared;

  SessionMemory(CacheParts parts, HotSlots slots, Optional<Forgetting> policy) {
    this(
        parts,
        slots,
        policy,
        QueryRings.of(parts.tiers().geometry().shape(), policy.map(Forgetting::queries).orElse(0)),
        new SharedSums(parts.tiers().geometry().shape()));
  }

  private SessionMemory(
      CacheParts parts,
      HotSlots slots,
      Optional<Forgetting> policy,
      QueryRings queries,
      SharedSums sums) {
    this.parts = parts;
    this.slots = slots;
    this.policy = policy;
    this.queries = queries;
    OptionalDouble decay =
        policy.isPresent() ? policy.get().attentionDecay() : OptionalDouble.empty();
    ModelGeometry geometry = parts.tiers().geometry();
    this.follower =
        decay.isPresent()
            ? new AttentionFollower(geometry, parts.backend(), decay.getAsDouble())
            : null;
    this.sums = decay.isPresent() ? sums : null;
    this.failures = new ForgettingFailures(parts.memory(), parts.tiers().geometry().blockTokens());
  }

  Optional<Forgetting> policy() {
    return policy;
  }

  QueryRings queries() {
    return queries;
  }

  /** Attention that tokens have received; null if nobody asks for it. */
  @Nullable SharedSums sums() {
    return sums;
  }

  /**
   * Sums up the attention of the queries of {@code tokens} tokens from {@code position} on, if the
   * policy looks at that.
   *
   * @param shared the rows they see, if these are still shared
   */
  void follow(int layer, float[] gathered, int position, int tokens, SharedRows shared) {
    AttentionFollower to = follower;
    PrivateRows rows = own;
    if (to == null || !parts.tiers().geometry().shape().owns(layer)) {
      return;
    }
    if (rows != null) {
      rows.follow(to, layer, gathered, position, tokens);
    } else if (sums != null) {
      SharedRows seen = shared.upTo(position + tokens, position);
      to.follow(layer, seen, sums.layer(layer), seen.from(layer), gathered, position, tokens);
    }
  }

  /** Makes attention of a step count that brought {@code count} tokens to shared rows. */
  void commitShared(int committed, int count) {
    if (sums != null) {
      sums.commit(committed, count);
    }
  }

  /** Forgets the attention of a step that was not finished. */
  void abortShared() {
    if (sums != null) {
      sums.abort();
    }
  }

  /** Queries that must be seen before the policy can decide. */
  int queriesWanted() {
    return follower != null ? Forgetting.EVERY_QUERY : policy.map(Forgetting::queries).orElse(0);
  }

  /** Whether rows go one by one while decoding. */
  boolean evictsOnline() {
    return own != null && policy.isPresent() && policy.get().online().isPresent();
  }

  /** Has rows go until every head of {@code tokens} tokens is back in its places. */
  void evictOnline(int tokens) {
    PrivateRows rows = own;
    if (rows != null && policy.isPresent() && policy.get().online().isPresent()) {
      nowTokens = tokens;
      rows.evict(policy.get().online().get(), places);
    }
  }

  private int places(int layer, int head, int rows, int decidedAt) {
    return policy.isPresent() ? policy.get().places(layer, head, rows, decidedAt, nowTokens) : rows;
  }

  ForgettingFailures failures() {
    return failures;
  }

  /** Private rows; null as long as nothing was forgotten. */
  @Nullable PrivateRows own() {
    return own;
  }

  List<Chunk> parked() {
    return parked;
  }

  /** Key of the last whole block that the rows came from; the chain's root if there is none. */
  ChainKey lastKey(ChainKey root) {
    return trail.isEmpty() ? root : trail.getLast().chain();
  }

  Optional<ChunkKey> lastChunk() {
    return trail.isEmpty() ? Optional.empty() : Optional.of(trail.getLast());
  }

  /** Whether rows came from this chunk; thread-safe. */
  boolean cameFrom(ChunkKey key) {
    return trail.contains(key);
  }

  /** Blocks of the session whose names are known here. */
  int trailLength() {
    return trail.size();
  }

  void continueTrail(ChunkKey key) {
    trail.add(key);
  }

  /**
   * Asks the policy what to keep of {@code rows}.
   *
   * @param seen the memory of the session that has them, this one or a fork that is ahead
   * @param tokens of that session
   * @param drafted how many of these are a draft's
   */
  KeepSets decide(SessionMemory seen, RowSource rows, int tokens, int drafted) {
    ModelGeometry geometry = parts.tiers().geometry();
    Forgetting asked =
        policy.orElseThrow(() ->
            new IllegalStateException(
                "the session was opened without a policy that forgets: open one with it"));
    HistoryView.Told told = new HistoryView.Told(seen.queries, signals, drafted);
    try (HistoryView history = new HistoryView(geometry, rows, told, tokens, parts.backend())) {
      return asked.keep(history);
    }
  }

  /**
   * Copies what is kept of {@code rows}.
   *
   * @return the rows that are left; empty if all are to be kept
   */
  Optional<PrivateRows> compact(RowSource rows, KeepSets keep, int tokens) {
    try {
      return Compaction.of(parts, slots, rows, keep, tokens, follower != null);
    } catch (HotTierFullException e) {
      throw new HotTierFullException(
          "nothing was forgotten and the session is whole, for what is kept is copied first: "
              + e.getMessage());
    }
  }

  /** What the engine told. */
  GivenSignals signals() {
    return signals;
  }

  /** Forgets what is known of the tokens from {@code length} on. */
  void cut(int length) {
    signals.truncate(length);
    if (sums != null) {
      sums.truncate(length);
    }
  }

  /** Takes {@code rows} in place of those it had. */
  void hold(PrivateRows rows) {
    PrivateRows before = own;
    own = rows;
    if (before != null) {
      before.close();
    }
  }

  /** Holds a copy of {@code rows}, which were chosen at {@code decidedAt} tokens. */
  void restore(RowSource rows, int decidedAt) {
    hold(Compaction.copy(parts, slots, rows, decidedAt, follower != null));
  }

  /** Keeps the names of chunks that the session held until now. */
  void remember(List<Chunk> chunks) {
    trail.addAll(chunks.stream().map(Chunk::key).toList());
    shared = trail.size();
  }

  /** The shared chunks that the rows came from, as far as they are still there; claimed. */
  List<Chunk> claimShared() {
    List<Chunk> claimed = new ArrayList<>();
    for (ChunkKey key : trail.subList(0, shared)) {
      Chunk chunk = parts.tiers().catalog().claim(key);
      if (chunk != null) {
        claimed.add(chunk);
      }
    }
    return claimed;
  }

  /** Takes over the claims on {@code chunks}. */
  void park(List<Chunk> chunks) {
    parked.addAll(chunks);
    parts.memory().parked(chunks.size());
  }

  /** Forgets the tokens from {@code length} on, or throws and changes nothing. */
  void truncate(int length) {
    PrivateRows rows = own;
    if (rows != null) {
      rows.truncate(length);
    }
    int whole = length / parts.tiers().geometry().blockTokens();
    if (trail.size() > whole) {
      trail.subList(whole, trail.size()).clear();
      shared = Math.min(shared, whole);
    }
    unpark(whole);
    cut(length);
    if (length == 0 && rows != null) {
      rows.close();
      own = null;
    }
  }

  private void unpark(int left) {
    while (parked.size() > left) {
      parked.removeLast().unclaim();
      parts.memory().parked(-1);
    }
  }

  /** The same for a session with the same tokens, in slots of its own. */
  SessionMemory fork() {
    SharedSums own = sums;
    return copied(
        new SessionMemory(
            parts,
            slots,
            policy.map(Forgetting::fork),
            queries.fork(),
            own == null ? new SharedSums(parts.tiers().geometry().shape()) : own.copy()));
  }

  /** The same for another policy, which has seen no query yet. */
  SessionMemory fork(Optional<Forgetting> other) {
    return copied(new SessionMemory(parts, slots, other));
  }

  private SessionMemory copied(SessionMemory copy) {
    boolean done = false;
    try {
      PrivateRows rows = own;
      if (rows != null) {
        copy.restore(rows, rows.decidedAt());
      }
      copy.trail.addAll(trail);
      copy.shared = shared;
      copy.signals = signals.copy();
      for (Chunk chunk : parked) {
        if (!chunk.claim()) {
          throw new IllegalStateException(chunk + " was retired while a session claimed it");
        }
        copy.park(List.of(chunk));
      }
      done = true;
    } finally {
      if (!done) {
        copy.close();
      }
    }
    return copy;
  }

  @Override
  public void close() {
    unpark(0);
    PrivateRows rows = own;
    if (rows != null) {
      own = null;
      rows.close();
    }
  }
}
