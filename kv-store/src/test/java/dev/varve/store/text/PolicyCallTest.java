package dev.varve.store.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyCallTest {

  @Test
  void readsNameAndOptions() {
    assertThat(PolicyCall.parse("tokenselect(init=16, k=128 ,local=64)"))
        .isEqualTo(new PolicyCall("tokenselect", Map.of("init", "16", "k", "128", "local", "64")));
    assertThat(PolicyCall.parse(" quest ").options()).isEmpty();
    assertThat(PolicyCall.parse("quest()").options()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "(", "quest(", "quest(k=1", "quest)k=1(", "Quest", "quest(k=1)x"})
  void refusesWhatIsNoCall(String text) {
    assertThatThrownBy(() -> PolicyCall.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no policy");
  }

  @Test
  void refusesWhatIsNoOptionAndWhatStandsTwice() {
    assertThatThrownBy(() -> PolicyCall.parse("quest(k)")).hasMessageContaining("write option=");
    assertThatThrownBy(() -> PolicyCall.parse("quest(k=1,)")).hasMessageContaining("no option");
    assertThatThrownBy(() -> PolicyCall.parse("quest(k=1,k=2)")).hasMessageContaining("twice");
  }

  @Test
  void namesTheNearestOptionOfOneThatIsUnknown() {
    CallOptions options = new CallOptions(PolicyCall.parse("tokenselect(lokal=3)"));
    assertThat(options.count("local", 512, 0, 100)).isEqualTo(512);
    assertThatThrownBy(options::finish)
        .hasMessage("tokenselect has no option 'lokal': did you mean 'local'? Known are local");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "-0.1", "1.1", "Infinity", "x"})
  void refusesNumbersOutsideTheirRange(String text) {
    CallOptions options = new CallOptions(PolicyCall.parse("squeezed(keep=" + text + ")"));
    assertThatThrownBy(() -> options.number("keep", 0.5, 0, 1))
        .hasMessage("squeezed: keep must be a number from 0.0 to 1.0: '" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "0", "-3", "1.5", "1e99", "many"})
  void refusesBudgetsThatAreNone(String text) {
    CallOptions options = new CallOptions(PolicyCall.parse("quest(k=" + text + ")"));
    assertThatThrownBy(() -> options.budget("k", TokenBudget.tokens(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("quest: k: a budget must be");
  }

  @Test
  void takesBudgetsBelowOneAsAShare() {
    assertThat(TokenBudget.parse("0.25").of(1000)).isEqualTo(250);
    assertThat(TokenBudget.parse("0.25").of(1)).isEqualTo(1);
    assertThat(TokenBudget.parse("2048").of(1000)).isEqualTo(1000);
    assertThat(TokenBudget.parse("2048").of(0)).isZero();
    assertThat(TokenBudget.parse("2048")).hasToString("2048");
  }

  @Test
  void readsChoicesAndLists() {
    CallOptions options = new CallOptions(PolicyCall.parse("x(keys=int4,ends=10+46)"));
    assertThat(options.choice("keys", "exact", List.of("exact", "int4"))).isEqualTo("int4");
    assertThat(options.list("ends", List.of())).containsExactly(10, 46);
    options.finish();
    CallOptions other = new CallOptions(PolicyCall.parse("x(keys=int5,ends=a)"));
    assertThatThrownBy(() -> other.choice("keys", "exact", List.of("exact", "int4")))
        .hasMessageContaining("did you mean 'int4'?");
    assertThatThrownBy(() -> other.list("ends", List.of())).hasMessageContaining("joined by '+'");
  }
}
