package dev.varve.offload.replay;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.replacement.ReplacementPolicy;
import dev.varve.offload.replacement.Visit;

/**
 * Runs a trace against a cache. A chunk weighs 1; chunks are asked for from the front of each
 * prompt, a missed one is entered before the next is asked for.
 */
public final class Replay {

  private final Trace trace;
  private final int counted;

  /** Counts every request of the trace. */
  public Replay(Trace trace) {
    this(trace, 0);
  }

  /**
   * Counts the requests from {@code counted} on; those before only fill the cache.
   *
   * @param counted index of the first request that counts
   */
  public Replay(Trace trace, int counted) {
    this.trace = trace;
    this.counted = counted;
  }

  /** What a policy's cache of {@code capacity} chunks would have served. */
  public Score run(PolicyKind kind, int capacity) {
    return run(new PolicyCache(kind.create(capacity), capacity));
  }

  /** What the best possible cache of {@code capacity} chunks would have served. */
  public Score belady(int capacity) {
    return run(new BeladyCache(trace, capacity));
  }

  /** What a cache without bound would have served. */
  public Score infinite() {
    return run(new InfiniteCache());
  }

  private Score run(CacheModel cache) {
    Score score = Score.NONE;
    int index = 0;
    for (TraceRequest request : trace.requests()) {
      Score with = request(cache, request, score);
      score = index++ < counted ? score : with;
    }
    return score;
  }

  private Score request(CacheModel cache, TraceRequest request, Score before) {
    cache.begin(request);
    Score score = before;
    long parent = ReplacementPolicy.NONE;
    boolean reachable = true;
    for (int i = 0; i < request.length(); i++) {
      int tokens = trace.tokens(request, i);
      boolean whole = tokens == trace.chunkTokens();
      boolean hit = cache.visit(new Visit(request.chunk(i), parent, whole, 1));
      score = score.plus(hit, reachable, tokens);
      reachable &= hit;
      parent = request.chunk(i);
    }
    return score;
  }
}
