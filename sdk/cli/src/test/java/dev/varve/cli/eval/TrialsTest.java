package dev.varve.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.varve.eviction.head.HeadMap;
import dev.varve.sdk.forgetting.OutputProjections;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TrialsTest {
  private static final ModelShape SHAPE =
      ModelShape.uniform(3, LayerShape.grouped(4, 2, 8, RopeSpec.none()), Dtype.F16);

  private static final OutputProjections NONE =
      new OutputProjections() {
        @Override
        public int hidden() {
          return 1;
        }

        @Override
        public float[] of(int layer) {
          return new float[4 * 8];
        }
      };

  private static Candidates candidates(String... texts) {
    List<PolicyChoice> choices = List.of(texts).stream().map(PolicyChoice::of).toList();
    return Trials.of(choices, List.of(0.5, 0.25), SHAPE, NONE, () -> 0);
  }

  @Test
  void everyStandardPolicyRunsInASession() {
    Candidates all = Trials.of(StandardPolicies.all(8), List.of(0.5, 0.25), SHAPE, NONE, () -> 0);

    assertThat(all.newTallies().keySet().stream().map(Candidate::policy).distinct())
        .containsExactlyElementsOf(
            StandardPolicies.all(8).stream().map(PolicyChoice::name).toList());
    assertThat(all.newTallies()).hasSize(2 * (all.trials().size() + all.online().size()));
  }

  @Test
  void policiesThatGoOnForgettingDecodeTokenByToken() {
    Candidates both = candidates("h2o", "h2o+online", "streamingllm(budget=8)+online");

    assertThat(both.trials()).extracting(Candidates.Trial::policy).containsExactly("h2o", "h2o");
    assertThat(both.online())
        .extracting(OnlineTrial::policy)
        .containsExactly("h2o+online", "h2o+online", "streamingllm(budget=8)+online");
    assertThat(both.newTallies().keySet())
        .startsWith(new Candidate("h2o", OptionalDouble.of(0.5), true))
        .endsWith(new Candidate("streamingllm(budget=8)+online", OptionalDouble.empty(), false));
  }

  @Test
  void policiesThatDecideThemselvesAreTriedOnce() {
    assertThat(candidates("knorm", "zipvl", "h2o(budget=7)").trials())
        .extracting(Candidates.Trial::budget)
        .containsExactly(
            OptionalDouble.of(0.5),
            OptionalDouble.of(0.25),
            OptionalDouble.empty(),
            OptionalDouble.empty());
  }

  @Test
  void asksForAsManyQueriesAsThePolicyThatWantsMost() {
    assertThat(candidates("snapkv(window=16)", "snapkv(window=48)").queries()).isEqualTo(48);
  }

  @Test
  void readPoliciesAreTriedAsTheyAre() {
    Candidates both = candidates("quest(k=48)", "knorm(budget=0.5)", "tokenselect");

    assertThat(both.trials()).hasSize(1);
    assertThat(both.reads())
        .extracting(ReadTrial::policy)
        .containsExactly("quest(k=48)", "tokenselect");
    assertThat(both.newTallies()).hasSize(2 + 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> candidates("squeezed(prefix=10)"))
        .withMessageContaining("ends where its prompt does");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> candidates("quest(k=0)"))
        .withMessageContaining("k");
  }

  @Test
  void standardReadPoliciesFollowTheBudgets() {
    List<PolicyChoice> choices = StandardReading.of(1040, 128, List.of(0.5, 0.125, 0.001));

    assertThat(choices)
        .extracting(PolicyChoice::text)
        .contains("tokenselect(init=4,local=16,k=54)");
    assertThat(Trials.of(choices, List.of(), SHAPE, NONE, () -> 0).reads()).hasSize(choices.size());
  }

  @Test
  void refusesWhatASessionCannotRun() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> candidates("knorm+rerotate"))
        .withMessageContaining("cannot be used by a session");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> candidates("snapvk"))
        .withMessageContaining("did you mean 'snapkv'");
  }

  @Test
  void razorKeepsWhatItsFormulaSays() {
    HeadMap quarter = new HeadMap(2, List.of(List.of(0), Collections.emptyList()));

    assertThat(RazorPolicies.kept(quarter, 1000))
        .isEqualTo(0.25 + 0.75 * 0.205, Offset.offset(1e-12));
    assertThat(RazorPolicies.kept(quarter, 100))
        .as("the newest 64 even if that is more than a fifth")
        .isEqualTo(0.25 + 0.75 * 0.69, Offset.offset(1e-12));
  }
}
