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
  private Trials() {}

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
    List<Candidates.Trial> trials = new ArrayList<>();
    List<ReadTrial> reads = new ArrayList<>();
    for (PolicyChoice choice : choices) {
      String name = choice.name();
      String text = choice.text();
      if (SelectorPolicies.names().contains(text.split("\\(", 2)[0].strip())) {
        reads.add(read(choice, shape, nanos));
      } else if (EvictionPolicies.lacksBudget(text)) {
        for (double budget : budgets) {
          String whole = EvictionPolicies.withBudget(text, budget);
          trials.add(trial(name, OptionalDouble.of(budget), whole, shape, projections, nanos));
        }
      } else {
        trials.add(trial(name, OptionalDouble.empty(), text, shape, projections, nanos));
      }
    }
    return new Candidates(trials, reads);
  }

  private static ReadTrial read(PolicyChoice choice, ModelShape shape, LongSupplier nanos) {
    SelectiveReading reading = SelectiveReading.parse(choice.text());
    reading
        .refusal(shape)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    return new ReadTrial(choice.name(), reading, shape, nanos);
  }

  private static Candidates.Trial trial(
      String name,
      OptionalDouble budget,
      String text,
      ModelShape shape,
      OutputProjections projections,
      LongSupplier nanos) {
    EvictionPolicy policy = EvictionPolicies.parse(text);
    EvictionForgetting forgetting = opening(policy, projections);
    forgetting
        .refusal(shape)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    return new Candidates.Trial(name, budget, policy, () -> opening(policy, projections), nanos);
  }

  private static EvictionForgetting opening(EvictionPolicy policy, OutputProjections projections) {
    return EvictionForgetting.of(policy).signalled().projections(projections);
  }
}
