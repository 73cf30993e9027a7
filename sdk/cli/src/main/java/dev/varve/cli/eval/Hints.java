package dev.varve.cli.eval;

import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.signal.SignalPasses;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.observe.Signal;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.forgetting.DraftScores;
import dev.varve.store.Tenant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What some policies want to know of a prompt beyond its own pass, found once for all of them: the
 * session is told what the model looks at while it repeats the prompt, and what a draft looks at.
 * The model drafts for itself, so this is what a perfect draft would give. For one thread.
 */
final class Hints {
  private static final int CHUNK = 512;
  private static final int SINKS = 4;
  private static final int DRAFT_WINDOW = 64;

  private final LlamaDecoder decoder;
  private final Map<Signal, Double> seconds = new EnumMap<>(Signal.class);
  private final int[] draft;
  private final KnownScores scores;

  private Hints(LlamaDecoder decoder, int[] draft, LongSupplier nanos) {
    this.decoder = decoder;
    this.scores = new KnownScores(nanos);
    this.draft = draft;
  }

  /** Finds what {@code candidates} ask for, and tells the session of {@code base}. */
  static Hints of(
      KvCache cache,
      LlamaDecoder decoder,
      Continuation base,
      Candidates candidates,
      LongSupplier nanos) {
    Hints hints = new Hints(decoder, base.greedy(candidates.lookahead()), nanos);
    if (candidates.ask(Signal.REPEAT_ATTENTION)) {
      long start = nanos.getAsLong();
      new SignalPasses(decoder).repeat(base.session(), CHUNK, SINKS);
      hints.seconds.put(Signal.REPEAT_ATTENTION, (nanos.getAsLong() - start) / 1e9);
    }
    if (candidates.ask(Signal.DRAFT_SCORES)) {
      long start = nanos.getAsLong();
      base.session().signals().draftScores(hints.scores(cache, base.session().tokenIds()));
      hints.seconds.put(Signal.DRAFT_SCORES, (nanos.getAsLong() - start) / 1e9);
    }
    return hints;
  }

  /** The last third of the layers counts, as it does for drafts of more layers. */
  private float[] scores(KvCache cache, int[] prompt) {
    int layers = decoder.model().config().layers();
    DraftScores scores = new DraftScores(DRAFT_WINDOW, layers - Math.max(1, layers / 3));
    try (KvSession session = cache.openSession(Tenant.NONE, scores);
        Continuation reading = Continuation.of(decoder, session)) {
      reading.feed(prompt);
      session.forget();
      return scores.scores().orElseThrow();
    }
  }

  /**
   * Has the policy of {@code session} decide with the first {@code tokens} of the draft in view.
   */
  void lookAhead(KvSession session, int tokens) {
    new SignalPasses(decoder).lookAhead(session, Arrays.copyOf(draft, tokens));
  }

  /** Scores of the prompt that were found already. */
  KnownScores known() {
    return scores;
  }

  /** How long the passes took that {@code policy} asks for. */
  double seconds(EvictionPolicy policy) {
    return policy.needs().signals().stream()
        .mapToDouble(signal -> seconds.getOrDefault(signal, 0.0))
        .sum();
  }
}
