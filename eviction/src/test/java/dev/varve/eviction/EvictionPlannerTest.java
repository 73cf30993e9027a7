package dev.varve.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.kernel.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionPlannerTest {

  @Test
  void keepsSinksAndTheNewestTokensForStreaming() {
    KeepPlan plan = plan("streamingllm(budget=6,sinks=2)", Layers.model(1, 2, 20));

    assertThat(plan.head(0, 0).tokens()).containsExactly(0, 1, 16, 17, 18, 19);
    assertThat(plan.head(1, 1).tokens()).containsExactly(0, 1, 16, 17, 18, 19);
  }

  @Test
  void keepsTheWindowAndThePrefixTokensWithMostVotes() {
    float ln2 = (float) Math.log(2);
    float[] keys = {0, ln2, 0, 3 * ln2, 2 * ln2, 0, 0};
    List<Observation> layers = List.of(Layers.single(keys, new float[7], 1f, 1f));

    assertThat(plan("snapkv(budget=4,window=2,kernel=1)", layers).head(0, 0).tokens())
        .containsExactly(3, 4, 5, 6);
    assertThat(plan("snapkv(budget=5,window=2,kernel=1)", layers).head(0, 0).tokens())
        .containsExactly(1, 3, 4, 5, 6);
  }

  @Test
  void spreadsALoneSpikeOverTheKernel() {
    float[] keys = new float[30];
    keys[11] = 9;
    List<Observation> layers = List.of(Layers.single(keys, new float[30], 1f, 1f));

    assertThat(plan("snapkv(budget=7,window=2,kernel=5)", layers).head(0, 0).tokens())
        .containsExactly(9, 10, 11, 12, 13, 28, 29);
  }

  @Test
  void refusesABudgetAboveTheTokens() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("streamingllm(budget=21)", Layers.model(1, 1, 20)))
        .withMessageStartingWith("budget=21 is above the 20 tokens that there are");
  }

  @Test
  void refusesAWindowLongerThanThePrompt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("snapkv(budget=0.5,window=30)", Layers.model(1, 1, 20)))
        .withMessageContaining("a window of 30 queries, longer than the 20 tokens");
  }

  @Test
  void refusesARatioThatLeavesLessThanTheWindow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("snapkv(budget=0.25,window=8)", Layers.model(1, 1, 20)))
        .withMessageContaining("keeps 5 tokens a head, fewer than the 8");
  }

  @Test
  void refusesTooFewQueries() {
    List<Observation> layers = List.of(Layers.random(1, 0, 50, 10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("snapkv(budget=30,window=20)", layers))
        .withMessageEndingWith("it needs the queries of the last 20 of 50 tokens, there are 10");
  }

  @Test
  void namesTheFirstTokenWhoseScoreIsNaN() {
    float[] keys = {0, 1, Float.NaN, 0, 0};
    List<Observation> layers = List.of(Layers.single(keys, new float[5], 1f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("snapkv(budget=2,window=1)", layers))
        .withMessageStartingWith("layer 0, head 0: the score of token 0 is NaN");
  }

  @Test
  void refusesLayersOfDifferentLengths() {
    List<Observation> layers = List.of(Layers.random(1, 0, 20), Layers.random(1, 1, 21));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("random(budget=2)", layers))
        .withMessageStartingWith("layer 1 has 21 tokens, layer 0 has 20");
  }

  private static KeepPlan plan(String policy, List<Observation> layers) {
    return new EvictionPlanner(EvictionPolicies.parse(policy), Backend.SCALAR).plan(layers);
  }
}
