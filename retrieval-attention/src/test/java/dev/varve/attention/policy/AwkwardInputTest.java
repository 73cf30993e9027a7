package dev.varve.attention.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every read policy does with contexts that hold nothing yet, and with what is no number. */
class AwkwardInputTest {

  private static final LayerShape SHAPE = LayerShape.grouped(4, 2, 32, RopeSpec.none());
  private static final Pattern OPTION = Pattern.compile("([a-z]+)=([^,)]*)");

  private final SplittableRandom random = new SplittableRandom(3);

  static Set<String> names() {
    return SelectorPolicies.names();
  }

  private static StepSelector open(String policy) {
    return SelectorPolicies.parse(policy).open(SHAPE, 2, Backend.SCALAR);
  }

  private StepQueries queries(int position, int tokens) {
    float[] query = new float[tokens * SHAPE.queryHeads() * SHAPE.keyDim()];
    for (int i = 0; i < query.length; i++) {
      query[i] = (float) random.nextGaussian();
    }
    return new StepQueries(SHAPE).set(query, 0, position, tokens);
  }

  private KeySpan keys(int tokens) {
    int floats = SHAPE.kvHeads() * tokens * SHAPE.keyDim();
    MemorySegment bytes = Arena.ofAuto().allocate((long) floats * Float.BYTES);
    for (int i = 0; i < floats; i++) {
      bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return KeySpan.dense(bytes, Dtype.F32, SHAPE.kvHeads(), tokens, SHAPE.keyDim());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aStepOverAnEmptyContextReadsItself(String policy) {
    StepSelector selector = open(policy);
    for (int tokens : new int[] {1, 3}) {
      Selection selection = selector.select(queries(0, tokens));
      for (int head = 0; head < SHAPE.kvHeads(); head++) {
        assertThat(selection.set(head).cardinality()).as(policy).isEqualTo(tokens);
        assertThat(selection.set(head).nextClearBit(0)).as(policy).isEqualTo(tokens);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aBudgetAboveTheContextReadsAllOfItAndNothingBeyond(String policy) {
    StepSelector selector = open(policy);
    selector.append(keys(40), new int[40]);
    for (int step = 0; step < 3; step++) {
      Selection selection = selector.select(queries(40 + step, 1));
      for (int head = 0; head < SHAPE.kvHeads(); head++) {
        assertThat(selection.set(head).length()).as(policy).isEqualTo(41 + step);
        assertThat(selection.set(head).cardinality()).as(policy).isEqualTo(41 + step);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void noOptionMayBeNaN(String policy) {
    String text = SelectorPolicies.parse(policy).text();
    String[] options =
        OPTION.matcher(text).results().map(MatchResult::group).toArray(String[]::new);
    assertThat(options).as(text).isNotEmpty();
    for (String option : options) {
      String name = option.substring(0, option.indexOf('='));
      assertThatThrownBy(() -> SelectorPolicies.parse(policy + "(" + name + "=NaN)"))
          .as("%s of %s", name, policy)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(policy);
    }
  }
}
