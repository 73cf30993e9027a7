package dev.varve.cli.eval;

import dev.varve.engine.LlamaConfig;
import dev.varve.engine.LlamaDecoder;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.store.Tenant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** Loss, attention error and attention mass on one passage of prose, for every candidate. */
final class PassageTrial {
  private final KvCache cache;
  private final LlamaDecoder decoder;
  private final Candidates candidates;
  private final LongSupplier nanos;

  PassageTrial(KvCache cache, LlamaDecoder decoder, Candidates candidates, LongSupplier nanos) {
    this.cache = cache;
    this.decoder = decoder;
    this.candidates = candidates;
    this.nanos = nanos;
  }

  /**
   * Measures.
   *
   * @param tokens the passage
   * @param prompt how many of them are the prompt; the loss of the others is measured
   */
  Map<Candidate, Tally> run(int[] tokens, int prompt) {
    int[] before = Arrays.copyOf(tokens, prompt);
    int[] after = Arrays.copyOfRange(tokens, prompt, tokens.length);
    LlamaConfig config = decoder.model().config();
    RecordedStep recordedPrompt = new RecordedStep(config, before.length);
    RecordedStep recorded = new RecordedStep(config, after.length);
    TrialPolicy trial = new TrialPolicy(candidates.queries());
    Map<Candidate, Tally> tallies = candidates.newTallies();
    try (Continuation base = Continuation.of(decoder, cache.openSession(Tenant.NONE, trial))) {
      base.feed(before, recordedPrompt);
      double full;
      try (Continuation whole = base.fork()) {
        full = whole.loss(after, recorded::recording);
      }
      Hints hints = Hints.of(cache, decoder, base, candidates, nanos);
      AttentionMass mass = new AttentionMass(config, recordedPrompt, recorded);
      for (Candidates.Trial each : candidates.trials()) {
        Tally tally = new Tally();
        try (Continuation pruned = base.fork()) {
          each.forget(pruned.session(), trial, hints, tally);
          addMass(mass, trial.kept(), tally);
          pruned.compare(after, recorded, tally);
          tally.tokens(after.length, pruned.loss(after, UnaryOperator.identity()), full);
        }
        each.addTo(tallies, tally);
      }
      for (OnlineTrial each : candidates.online()) {
        online(each, before, after, mass, recorded, full, tallies);
      }
      ReadMass readMass = new ReadMass(config, recordedPrompt, recorded);
      for (ReadTrial each : candidates.reads()) {
        Tally tally = new Tally();
        each.passage(decoder, cache, before, after, recorded, tally);
        readMass.add(each, tally);
        tally.tokens(after.length, each.loss(decoder, cache, before, after, tally), full);
        Objects.requireNonNull(tallies.get(each.candidate())).add(tally);
      }
    }
    return tallies;
  }

  /** Decoded token by token; attention that is kept is counted as the prompt ends. */
  private void online(
      OnlineTrial each,
      int[] before,
      int[] after,
      AttentionMass mass,
      RecordedStep recorded,
      double full,
      Map<Candidate, Tally> tallies) {
    Tally tally = new Tally();
    try (OnlineTrial.Opened opened = each.open(decoder, cache, before);
        Continuation pruned = opened.prompt().fork()) {
      each.forget(pruned, opened.trial(), tally);
      addMass(mass, opened.trial().kept(), tally);
      try (Continuation compared = pruned.fork()) {
        compared.compareByStep(after, recorded, tally);
      }
      tally.tokens(after.length, pruned.lossByStep(after), full);
    }
    for (boolean visible : new boolean[] {true, false}) {
      Objects.requireNonNull(tallies.get(each.candidate(visible))).add(tally);
    }
  }

  private void addMass(AttentionMass mass, KeepSets kept, Tally tally) {
    LlamaConfig config = decoder.model().config();
    double sum = mass.behindPrompt();
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.kvHeads(); head++) {
        Optional<HeadKeepSet> set = kept.of(layer, head);
        sum += set.isPresent() ? mass.on(layer, head, set.get().rows()) : mass.on(layer, head);
      }
    }
    tally.mass(sum, mass.total());
  }
}
