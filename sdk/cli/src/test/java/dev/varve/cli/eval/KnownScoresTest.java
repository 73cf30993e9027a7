package dev.varve.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.eviction.EvictionPlanner;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KnownScoresTest {
  private static final int TOKENS = 40;
  private static final int DIM = 8;

  private final AtomicInteger clock = new AtomicInteger();
  private final KnownScores known = new KnownScores(() -> 1_000_000_000L * clock.getAndIncrement());

  private static List<Observation> model() {
    LayerShape shape =
        LayerShape.grouped(4, 2, DIM, RopeSpec.of(DIM, 10000, RopeSpec.Pairing.HALVES));
    SplittableRandom random = new SplittableRandom(5);
    float[] keys = floats(random, 2 * TOKENS * DIM);
    float[] values = floats(random, 2 * TOKENS * DIM);
    float[] queries = floats(random, 4 * TOKENS * DIM);
    Observation layer =
        Observation.prompt(
            0,
            shape,
            DenseRows.of(keys, 2, TOKENS, DIM),
            DenseRows.of(values, 2, TOKENS, DIM),
            new QueryRows(queries, 4, TOKENS, DIM, 0));
    return List.of(layer);
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }

  private static int[] kept(EvictionPolicy policy) {
    return new EvictionPlanner(policy, Backend.SCALAR).plan(model()).head(0, 1).tokens();
  }

  @Test
  void choicesAreThoseOfThePolicyAlone() {
    for (String text : List.of("h2o", "zeromerge(tail=4)", "ems(window=4)", "elastic", "random")) {
      for (double budget : new double[] {0.5, 0.25}) {
        EvictionPolicy policy = EvictionPolicies.parse(EvictionPolicies.withBudget(text, budget));
        assertThat(kept(known.remembered(policy))).as(text).isEqualTo(kept(policy));
      }
    }
  }

  @Test
  void countsTheTimeThatASecondLookWouldHaveTaken() {
    kept(known.remembered(EvictionPolicies.parse("elastic(budget=20)")));
    assertThat(known.takeSaved()).isZero();

    kept(known.remembered(EvictionPolicies.parse("elastic(budget=10)")));
    kept(known.remembered(EvictionPolicies.parse("prefixkv(budget=10)")));
    assertThat(known.takeSaved()).as("two looks of a second each").isEqualTo(2);
    assertThat(known.takeSaved()).isZero();

    kept(known.remembered(EvictionPolicies.parse("h2o(budget=10)")));
    assertThat(known.takeSaved()).as("another way to score").isZero();
  }
}
