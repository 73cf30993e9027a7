package dev.varve.cli.eval;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.observe.Signal;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.SessionUsage;
import dev.varve.sdk.forgetting.Forgetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The policies and budgets of an evaluation. Immutable; its trials may run in any thread. */
final class Candidates {
  private final List<Trial> trials;
  private final List<ReadTrial> reads;
  private final List<OnlineTrial> online;
  private final List<Candidate> order;

  /**
   * @param order of the rows of the result
   */
  Candidates(
      List<Trial> trials, List<ReadTrial> reads, List<OnlineTrial> online, List<Candidate> order) {
    this.trials = List.copyOf(trials);
    this.reads = List.copyOf(reads);
    this.online = List.copyOf(online);
    this.order = List.copyOf(order);
  }

  /** One policy at one budget. */
  record Trial(
      String policy,
      OptionalDouble budget,
      EvictionPolicy choice,
      Function<EvictionPolicy, Forgetting> opening,
      LongSupplier nanos) {

    /** Newest queries that it looks at. */
    int queries() {
      return choice.needs().window();
    }

    /** Tokens of a draft that it looks at. */
    int lookahead() {
      return choice.protection().lookahead();
    }

    /** Has a session forget, and counts bytes and time, passes for its signals included. */
    void forget(KvSession session, TrialPolicy trial, Hints hints, Tally tally) {
      trial.use(opening.apply(hints.known().remembered(choice)));
      long start = nanos.getAsLong();
      if (lookahead() > 0) {
        hints.lookAhead(session, lookahead());
      } else {
        session.forget();
      }
      double seconds = (nanos.getAsLong() - start) / 1e9;
      seconds += hints.known().takeSaved() + hints.seconds(choice);
      SessionUsage usage = session.usage();
      tally.prompt(usage.rowBytes(), usage.fullBytes(), seconds);
    }

    /** Adds what does not depend on a question to both rows. */
    void addTo(Map<Candidate, Tally> tallies, Tally tally) {
      addTo(tallies, true, tally);
      addTo(tallies, false, tally);
    }

    void addTo(Map<Candidate, Tally> tallies, boolean questionVisible, Tally tally) {
      Objects.requireNonNull(tallies.get(new Candidate(policy, budget, questionVisible)))
          .add(tally);
    }
  }

  /** Policies that forget. */
  List<Trial> trials() {
    return trials;
  }

  /** Policies that read little. */
  List<ReadTrial> reads() {
    return reads;
  }

  /** Policies that go on forgetting while tokens are decoded. */
  List<OnlineTrial> online() {
    return online;
  }

  /** The most queries that a policy wants to see. */
  int queries() {
    return trials.stream().mapToInt(Trial::queries).max().orElse(0);
  }

  /** Whether a policy asks for a signal. */
  boolean ask(Signal signal) {
    return trials.stream().anyMatch(trial -> trial.choice().needs().signals().contains(signal));
  }

  /** The most tokens of a draft that a policy looks at. */
  int lookahead() {
    return trials.stream().mapToInt(Trial::lookahead).max().orElse(0);
  }

  /** An empty tally for every row of the result. */
  Map<Candidate, Tally> newTallies() {
    Map<Candidate, Tally> tallies = new LinkedHashMap<>();
    order.forEach(candidate -> tallies.put(candidate, new Tally()));
    return tallies;
  }

  /** The rows of summed tallies. */
  static List<EvalRow> rows(Map<Candidate, Tally> tallies) {
    List<EvalRow> rows = new ArrayList<>();
    tallies.forEach((candidate, tally) -> rows.add(tally.row(candidate)));
    return rows;
  }
}
