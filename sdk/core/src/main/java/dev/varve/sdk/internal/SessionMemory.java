package dev.varve.sdk.internal;

import dev.varve.sdk.HotTierFullException;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.internal.memory.Compaction;
import dev.varve.sdk.internal.memory.HistoryView;
import dev.varve.sdk.internal.memory.PrivateRows;
import dev.varve.sdk.internal.memory.QueryRings;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ModelGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private final List<Chunk> parked = new ArrayList<>();
  private final List<ChunkKey> trail = new CopyOnWriteArrayList<>();
  private @Nullable PrivateRows own;

  /** How many of the names at the front of the trail are those of chunks that were shared. */
  private int shared;

  SessionMemory(CacheParts parts, HotSlots slots, Optional<Forgetting> policy) {
    this(
        parts,
        slots,
        policy,
        QueryRings.of(parts.tiers().geometry().shape(), policy.map(Forgetting::queries).orElse(0)));
  }

  private SessionMemory(
      CacheParts parts, HotSlots slots, Optional<Forgetting> policy, QueryRings queries) {
    this.parts = parts;
    this.slots = slots;
    this.policy = policy;
    this.queries = queries;
    this.failures = new ForgettingFailures(parts.memory(), parts.tiers().geometry().blockTokens());
  }

  Optional<Forgetting> policy() {
    return policy;
  }

  QueryRings queries() {
    return queries;
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
   * Asks the policy what to keep of {@code rows} and copies that.
   *
   * @return the rows that are left; empty if all are to be kept
   */
  Optional<PrivateRows> compact(RowSource rows, int tokens) {
    ModelGeometry geometry = parts.tiers().geometry();
    Forgetting asked =
        policy.orElseThrow(() ->
            new IllegalStateException(
                "the session was opened without a policy that forgets: open one with it"));
    KeepSets keep;
    try (HistoryView history = new HistoryView(geometry, rows, queries, tokens, parts.backend())) {
      keep = asked.keep(history);
    }
    try {
      return Compaction.of(parts, slots, rows, keep, tokens);
    } catch (HotTierFullException e) {
      throw new HotTierFullException(
          "nothing was forgotten and the session is whole, for what is kept is copied first: "
              + e.getMessage());
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

  /** Holds a copy of {@code rows}. */
  void restore(RowSource rows) {
    hold(Compaction.copy(parts, slots, rows));
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
    SessionMemory copy =
        new SessionMemory(parts, slots, policy.map(Forgetting::fork), queries.fork());
    boolean done = false;
    try {
      PrivateRows rows = own;
      if (rows != null) {
        copy.restore(rows);
      }
      copy.trail.addAll(trail);
      copy.shared = shared;
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
