package dev.varve.cli.eval;

import dev.varve.engine.LlamaDecoder;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.ReadingStats;
import dev.varve.sdk.SessionUsage;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * A policy that reads little. Prompts are computed exactly, whatever follows them is decoded token
 * by token.
 *
 * @param policy its name
 * @param reading how a session reads
 * @param shape of the model
 * @param nanos the clock
 */
record ReadTrial(String policy, SelectiveReading reading, ModelShape shape, LongSupplier nanos) {

  /** The row that it fills: the question is never there when it begins. */
  Candidate candidate() {
    return new Candidate(policy, OptionalDouble.empty(), false);
  }

  /** A session behind {@code prompt}. */
  Continuation open(LlamaDecoder decoder, KvCache cache, int[] prompt) {
    return Continuation.ofPrompt(decoder, cache.openSession(Tenant.NONE, reading), prompt);
  }

  /** Adds the error of attention outputs behind {@code prompt}, given exact queries and rows. */
  void passage(
      LlamaDecoder decoder,
      KvCache cache,
      int[] prompt,
      int[] after,
      RecordedStep recorded,
      Tally tally) {
    try (Continuation read = open(decoder, cache, prompt)) {
      read.compareByStep(after, recorded, tally);
    }
  }

  /** The summed loss of {@code after}; adds what was read for it, and the time. */
  double loss(LlamaDecoder decoder, KvCache cache, int[] prompt, int[] after, Tally tally) {
    try (Continuation read = open(decoder, cache, prompt)) {
      ReadingStats before = read.session().reading();
      SessionUsage usage = read.session().usage();
      long start = nanos.getAsLong();
      double sum = read.lossByStep(after);
      double seconds = (nanos.getAsLong() - start) / 1e9 / after.length;
      ReadingStats stats = read.session().reading();
      tally.prompt(usage.rowBytes(), usage.fullBytes(), seconds);
      tally.reads(
          after.length,
          stats.rowsAttended() - before.rowsAttended(),
          stats.rowsHeld() - before.rowsHeld(),
          stats.bytesScored() - before.bytesScored());
      return sum;
    }
  }
}
