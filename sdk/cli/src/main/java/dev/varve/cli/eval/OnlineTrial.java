package dev.varve.cli.eval;

import dev.varve.engine.LlamaDecoder;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.SessionUsage;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.store.Tenant;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A policy that goes on forgetting while tokens are decoded. What follows a prompt is decoded token
 * by token, the question too where it was not seen.
 *
 * @param policy its name
 * @param budget what it was given
 * @param opening begins to follow it
 * @param nanos the clock
 */
record OnlineTrial(
    String policy, OptionalDouble budget, Supplier<Forgetting> opening, LongSupplier nanos) {

  /** The row that it fills. */
  Candidate candidate(boolean questionVisible) {
    return new Candidate(policy, budget, questionVisible);
  }

  /** A prompt of which nothing is forgotten yet, and the policy that will. */
  record Opened(Continuation prompt, TrialPolicy trial) implements AutoCloseable {
    @Override
    public void close() {
      prompt.close();
    }
  }

  /** A session behind {@code prompt}. */
  Opened open(LlamaDecoder decoder, KvCache cache, int[] prompt) {
    TrialPolicy trial = new TrialPolicy(opening.get());
    Continuation session = Continuation.of(decoder, cache.openSession(Tenant.NONE, trial));
    session.feed(prompt);
    return new Opened(session, trial);
  }

  /** Has a session forget, and counts bytes and time. */
  void forget(Continuation session, TrialPolicy trial, Tally tally) {
    trial.use(opening.get());
    long start = nanos.getAsLong();
    session.session().forget();
    SessionUsage usage = session.session().usage();
    tally.prompt(usage.rowBytes(), usage.fullBytes(), (nanos.getAsLong() - start) / 1e9);
  }
}
