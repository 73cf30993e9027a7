package dev.varve.cli.eval;

import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.Tokenizer;
import dev.varve.sdk.KvCache;
import dev.varve.store.Tenant;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Questions about one document, for every candidate: with the question in the prompt when tokens
 * are forgotten, and with the question after it.
 */
final class NeedleTrial {
  private final KvCache cache;
  private final LlamaDecoder decoder;
  private final Tokenizer tokenizer;
  private final Candidates candidates;
  private final LongSupplier nanos;

  NeedleTrial(KvCache cache, LlamaDecoder decoder, Candidates candidates, LongSupplier nanos) {
    this.cache = cache;
    this.decoder = decoder;
    this.tokenizer = decoder.model().tokenizer();
    this.candidates = candidates;
    this.nanos = nanos;
  }

  /** Asks every question of {@code document}. */
  Map<Candidate, Tally> run(NeedleDocument document) {
    Map<Candidate, Tally> tallies = candidates.newTallies();
    TrialPolicy trial = new TrialPolicy(candidates.queries());
    try (Continuation base = Continuation.of(decoder, cache.openSession(Tenant.NONE, trial))) {
      base.feed(tokenizer.encode(document.text()));
      boolean[] full = new boolean[document.facts().size()];
      for (int i = 0; i < full.length; i++) {
        full[i] = askSeen(base, document.facts().get(i), trial, tallies);
      }
      Hints hints = Hints.of(cache, decoder, base, candidates, nanos);
      for (Candidates.Trial each : candidates.trials()) {
        askUnseen(base, document, full, each, trial, hints, tallies);
      }
      for (OnlineTrial each : candidates.online()) {
        askOnline(document, full, each, tallies);
      }
      for (ReadTrial each : candidates.reads()) {
        askByStep(document, full, each, tallies);
      }
    }
    return tallies;
  }

  /** Returns whether the whole cache answers. */
  private boolean askSeen(
      Continuation base, Fact fact, TrialPolicy trial, Map<Candidate, Tally> tallies) {
    int[] answer = tokenizer.encode(fact.answer());
    try (Continuation asked = base.fork()) {
      asked.feed(tokenizer.encode(fact.question()));
      boolean full;
      try (Continuation whole = asked.fork()) {
        full = whole.says(answer);
      }
      Hints hints = Hints.of(cache, decoder, asked, candidates, nanos);
      for (Candidates.Trial each : candidates.trials()) {
        Tally tally = new Tally();
        try (Continuation pruned = asked.fork()) {
          each.forget(pruned.session(), trial, hints, tally);
          tally.question(pruned.says(answer), full);
        }
        each.addTo(tallies, true, tally);
      }
      return full;
    }
  }

  /** The answer is decoded, and the question too where it comes after the forgetting. */
  private void askOnline(
      NeedleDocument document, boolean[] full, OnlineTrial each, Map<Candidate, Tally> tallies) {
    Tally seen = new Tally();
    Tally unseen = new Tally();
    try (OnlineTrial.Opened opened = each.open(decoder, cache, tokenizer.encode(document.text()));
        Continuation pruned = opened.prompt().fork()) {
      each.forget(pruned, opened.trial(), unseen);
      for (int i = 0; i < full.length; i++) {
        Fact fact = document.facts().get(i);
        int[] answer = tokenizer.encode(fact.answer());
        try (Continuation asked = opened.prompt().fork()) {
          asked.feed(tokenizer.encode(fact.question()));
          each.forget(asked, opened.trial(), seen);
          seen.question(asked.says(answer), full[i]);
        }
        try (Continuation asked = pruned.fork()) {
          asked.feedByStep(tokenizer.encode(fact.question()));
          unseen.question(asked.says(answer), full[i]);
        }
      }
    }
    Objects.requireNonNull(tallies.get(each.candidate(true))).add(seen);
    Objects.requireNonNull(tallies.get(each.candidate(false))).add(unseen);
  }

  /** Question and answer are decoded, so that the policy finds what the question asks for. */
  private void askByStep(
      NeedleDocument document, boolean[] full, ReadTrial each, Map<Candidate, Tally> tallies) {
    Tally tally = new Tally();
    try (Continuation read = each.open(decoder, cache, tokenizer.encode(document.text()))) {
      for (int i = 0; i < full.length; i++) {
        Fact fact = document.facts().get(i);
        try (Continuation asked = read.fork()) {
          asked.feedByStep(tokenizer.encode(fact.question()));
          tally.question(asked.says(tokenizer.encode(fact.answer())), full[i]);
        }
      }
    }
    Objects.requireNonNull(tallies.get(each.candidate())).add(tally);
  }

  private void askUnseen(
      Continuation base,
      NeedleDocument document,
      boolean[] full,
      Candidates.Trial each,
      TrialPolicy trial,
      Hints hints,
      Map<Candidate, Tally> tallies) {
    Tally tally = new Tally();
    try (Continuation pruned = base.fork()) {
      each.forget(pruned.session(), trial, hints, tally);
      for (int i = 0; i < full.length; i++) {
        Fact fact = document.facts().get(i);
        try (Continuation asked = pruned.fork()) {
          asked.feed(tokenizer.encode(fact.question()));
          tally.question(asked.says(tokenizer.encode(fact.answer())), full[i]);
        }
      }
    }
    each.addTo(tallies, false, tally);
  }
}
