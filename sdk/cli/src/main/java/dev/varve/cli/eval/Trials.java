package dev.varve.cli.eval;

import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.OutputProjections;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/** Turns texts of policies into what an evaluation tries. */
final class Trials {
  private final ModelShape shape;
  private final OutputProjections projections;
  private final LongSupplier nanos;
  private final List<Candidates.Trial> trials = new ArrayList<>();
  private final List<ReadTrial> reads = new ArrayList<>();
  private final List<OnlineTrial> online = new ArrayList<>();
  private final List<Candidate> order = new ArrayList<>();

  private Trials(ModelShape shape, OutputProjections projections, LongSupplier nanos) {
    this.shape = shape;
    this.projections = projections;
    this.nanos = nanos;
  }

  /**
   * Every policy at every budget; once where it has a budget of its own or takes none.
   *
   * @param projections the model's
   * @param nanos the clock
   * @throws IllegalArgumentException one sentence, if a text is wrong or a session of this model
   *     cannot run it
   */
  static Candidates of(
      List<PolicyChoice> choices,
      List<Double> budgets,
      ModelShape shape,
      OutputProjections projections,
      LongSupplier nanos) {
    Trials made = new Trials(shape, projections, nanos);
    for (PolicyChoice choice : choices) {
      String text = choice.text();
      if (SelectorPolicies.names().contains(text.split("\\(", 2)[0].strip())) {
        made.read(choice);
      } else if (EvictionPolicies.lacksBudget(text)) {
        for (double budget : budgets) {
          String whole = EvictionPolicies.withBudget(text, budget);
          made.forget(choice.name(), OptionalDouble.of(budget), whole);
        }
      } else {
        made.forget(choice.name(), OptionalDouble.empty(), text);
      }
    }
    return new Candidates(made.trials, made.reads, made.online, made.order);
  }

  private void read(PolicyChoice choice) {
    SelectiveReading reading = SelectiveReading.parse(choice.text());
    reading.refusal(shape).ifPresent(Trials::refuse);
    ReadTrial read = new ReadTrial(choice.name(), reading, shape, nanos);
    reads.add(read);
    order.add(read.candidate());
  }

  private void forget(String name, OptionalDouble budget, String text) {
    EvictionPolicy policy = EvictionPolicies.parse(text);
    opening(policy).refusal(shape).ifPresent(Trials::refuse);
    if (policy.after().online().isPresent()) {
      online.add(new OnlineTrial(name, budget, () -> opening(policy), nanos));
    } else {
      trials.add(new Candidates.Trial(name, budget, policy, this::opening, nanos));
    }
    order.add(new Candidate(name, budget, true));
    order.add(new Candidate(name, budget, false));
  }

  private static void refuse(String reason) {
    throw new IllegalArgumentException(reason);
  }

  private EvictionForgetting opening(EvictionPolicy policy) {
    return EvictionForgetting.of(policy).signalled().projections(projections);
  }
}
