package dev.varve.sdk;

import dev.varve.offload.Prefetch;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.sdk.forgetting.RepeatScores;
import dev.varve.sdk.forgetting.SessionSignals;
import dev.varve.sdk.internal.ClaimedPrefix;
import dev.varve.sdk.internal.SessionState;
import dev.varve.sdk.internal.memory.PrivateRows;
import dev.varve.store.Checks;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of one sequence of tokens. Belongs to one thread at a time; sessions of one
 * cache may run side by side. Any use after {@link #close} throws {@link IllegalStateException}.
 */
public final class KvSession implements AutoCloseable {

  private final KvCache cache;
  private final SessionState state;
  private @Nullable Step running;
  private final List<Prefetch> prefetches = new ArrayList<>();
  private int reused;
  private Optional<TransferDecision> decision = Optional.empty();
  private boolean open = true;

  KvSession(KvCache cache, SessionState state) {
    this.cache = cache;
    this.state = state;
  }

  /**
   * Takes over the longest stored prefix of {@code prompt}, at most all but its last token, which
   * the engine must compute to get logits, or more if the session's policy wants to see more
   * queries; and where the engine's prefill cost is known, only as much of it as is predicted to be
   * fetched faster than computed. Only while the session is empty.
   *
   * @return tokens that the engine may skip
   */
  public int reuse(int[] prompt) {
    checkIdle();
    if (state.length() > 0) {
      throw new IllegalStateException(
          "the session holds " + state.length() + " tokens: reuse comes before the first step");
    }
    Checks.positive(prompt.length, "prompt length");
    int span = cache.geometry().blockTokens();
    ClaimedPrefix claimed =
        cache.prefixes().claimWorthwhile(state.tenant(), state.lineage(), prompt);
    decision = Optional.of(claimed.decision());
    state.adopt(claimed.chain(), Arrays.copyOf(prompt, claimed.chunks().size() * span));
    int most = Math.max(0, prompt.length - Math.max(1, state.queriesWanted()));
    if (state.length() > most) {
      state.truncate(most);
    }
    reused = state.length();
    cache.matched(state.tenant(), claimed, reused, prompt.length);
    return reused;
  }

  /**
   * Announces a prompt of this session: {@link KvCache#prefetch}, cancelled when the session closes
   * or is truncated.
   */
  public Prefetch prefetch(int[] prompt) {
    checkOpen();
    cache.checkOpen();
    Prefetch prefetch = cache.prefixes().prefetch(state.tenant(), state.lineage(), prompt);
    prefetches.removeIf(earlier -> earlier.progress().state() != Prefetch.State.RUNNING);
    prefetches.add(prefetch);
    return prefetch;
  }

  private void cancelPrefetches() {
    prefetches.forEach(Prefetch::cancel);
    prefetches.clear();
  }

  /**
   * Whether this session is given every bit as it was appended: because it accepts nothing else, no
   * tier approximates what it accepts, or {@link #reuse} found more that is exact.
   */
  public boolean exact() {
    checkOpen();
    return state.exact();
  }

  /** Tokens taken over by {@link #reuse}. */
  public int reusedTokens() {
    return reused;
  }

  /** Why {@link #reuse} took over so much, with the numbers; empty before it. */
  public Optional<TransferDecision> decision() {
    return decision;
  }

  /** Committed tokens; the position of the next one. */
  public int length() {
    return state.length();
  }

  /** Committed token ids. */
  public int[] tokenIds() {
    checkOpen();
    return state.tokenIds();
  }

  /**
   * Starts a step for the next tokens. Takes the hot memory the step needs, or throws {@link
   * HotTierFullException} and changes nothing.
   *
   * @param tokenIds at least one; the tokens right after {@link #length}
   * @param lastOfPrompt whether the prompt ends with these tokens
   */
  public Step begin(int[] tokenIds, boolean lastOfPrompt) {
    checkIdle();
    Checks.positive(tokenIds.length, "tokens of a step");
    state.reserve(tokenIds.length);
    running = new Step(this, shape(), tokenIds.clone(), lastOfPrompt);
    return running;
  }

  /**
   * Writes every sealed block to the SSD tier, where there is one, in batches that are synced: what
   * was committed and sealed is found again after a crash.
   *
   * @return blocks that could not be written because the tier is full; they stay where they are
   */
  public int endTurn() {
    checkIdle();
    return state.persist(cache::persist);
  }

  /**
   * Ends the turn and keeps the session for {@link KvCache#resume}, over restarts: its tokens, and
   * the rows behind the last whole block, in a file beside the SSD tier that is synced before it
   * replaces the one of the same name. The session goes on.
   *
   * @param name any text; belongs to the session's tenant
   * @return blocks that could not be written because the tier is full, as {@link #endTurn} does:
   *     unless it is 0, a resumed session may end before them
   * @throws IllegalStateException if the cache has no SSD tier, tokens of the session were erased,
   *     or it holds rows in few bits, for which the file has no place
   * @throws dev.varve.store.StoreException if the file cannot be written; what was saved before
   *     stays
   */
  public int save(String name) {
    checkIdle();
    cache.saved();
    PrivateRows own = state.own();
    if (own != null && own.coded()) {
      throw new IllegalStateException(
          "the session holds rows in few bits, which are not saved: use a policy with low=drop, or"
              + " begin again from the prompt");
    }
    int unwritten = endTurn();
    cache.save(name, state);
    return unwritten;
  }

  /** A second session with the same tokens: sealed blocks are shared, the growing one is copied. */
  public KvSession fork() {
    checkIdle();
    return cache.fork(state);
  }

  /**
   * Has what this session seals from here on expire {@code timeToLive} after it was sealed, in
   * place of what holds for its tenant. A chunk that others store too is kept for the longest time.
   *
   * @throws IllegalArgumentException if that is not at least a millisecond
   */
  public void expireAfter(Duration timeToLive) {
    checkOpen();
    state.terms().timeToLive(timeToLive);
  }

  /**
   * Has the session's policy decide now, whether it is due or not, and forgets what it does not
   * keep. What is left lies in memory of the session's own, packed to its size; the claims on
   * shared blocks end, so nobody else notices. From then on the session's tokens are private: they
   * were computed from a part of their past, and no other session finds them.
   *
   * @return whether anything was forgotten
   * @throws IllegalStateException if the session was opened without such a policy
   * @throws HotTierFullException if there is no room to copy what would be kept: the session is as
   *     it was
   */
  public boolean forget() {
    checkIdle();
    return state.forget();
  }

  /** What the session chose to read; all zero if it reads everything. */
  public ReadingStats reading() {
    checkOpen();
    return state.reading();
  }

  /**
   * Why the session's policy failed when it was due last: there was no room for a copy, or it could
   * not judge what it saw. The step that was ending stands, nothing was forgotten, and the session
   * goes on; the policy is asked again at the end of the next prompt, or a block of tokens later.
   * Empty once it has decided, or if it never failed.
   */
  public Optional<RuntimeException> forgettingFailure() {
    checkOpen();
    return state.forgettingFailure();
  }

  /** Where the engine tells what the session's policy asks for beyond keys and queries. */
  public SessionSignals signals() {
    checkOpen();
    return new SessionSignals(state, shape());
  }

  /**
   * Begins a pass in which the model repeats this session's context, for policies that look at that
   * (KVzip). The caller closes it.
   *
   * @param sinks first tokens, which every query of the pass is taken to see
   */
  public RepeatPass repeat(int sinks) {
    checkIdle();
    Checks.positive(state.length(), "tokens of a session that is repeated");
    Checks.notNegative(sinks, "sinks");
    RepeatScores scores = new RepeatScores(shape(), state.length(), sinks);
    return new RepeatPass(this, cache.fork(state, scores), scores, shape());
  }

  /** Begins to look at what may follow, for policies that ask for that. The caller closes it. */
  public LookAhead lookAhead() {
    checkIdle();
    return new LookAhead(this, fork());
  }

  /** What the session holds. */
  public SessionUsage usage() {
    checkOpen();
    return SessionUsage.of(cache.geometry(), cache.slotBytes(), state);
  }

  /**
   * Forgets all tokens from position {@code length} on.
   *
   * @throws IllegalStateException if the session forgot, and the cut goes through tokens that were
   *     merged into one row, or a window would reach what is gone: nothing was changed
   */
  public void truncate(int length) {
    checkIdle();
    Checks.inRange(length, 0, state.length(), "length");
    state.truncate(length);
    cancelPrefetches();
    reused = Math.min(reused, length);
  }

  /**
   * Ends the session: an unfinished step is aborted, sealed blocks stay in the cache. Idempotent.
   */
  @Override
  public void close() {
    if (open) {
      if (running != null) {
        running.close();
      }
      open = false;
      cancelPrefetches();
      state.close();
      cache.closed(this);
    }
  }

  Tenant tenant() {
    return state.tenant();
  }

  KvCache cache() {
    return cache;
  }

  SessionState state() {
    return state;
  }

  void stepOver() {
    running = null;
  }

  void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the session is closed: open another one");
    }
  }

  private void checkIdle() {
    checkOpen();
    if (running != null) {
      throw new IllegalStateException("a step is running: end or close it first");
    }
  }

  private ModelShape shape() {
    return cache.geometry().shape();
  }
}
