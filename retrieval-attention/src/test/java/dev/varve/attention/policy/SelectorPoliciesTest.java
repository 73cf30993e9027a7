package dev.varve.attention.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorPoliciesTest {

  @Test
  void readsWhatItWrites() {
    for (String name : SelectorPolicies.names()) {
      SelectorPolicy policy = SelectorPolicies.parse(name);
      assertThat(policy.text()).startsWith(name + "(");
      assertThat(SelectorPolicies.parse(policy.text())).isEqualTo(policy);
    }
  }

  @Test
  void takesThePapersDefaults() {
    assertThat(SelectorPolicies.parse("tokenselect").text())
        .isEqualTo(
            "tokenselect(init=128,k=2048,local=512,theta=0.9,keys=exact,scale=plain,pool=1)");
  }

  @Test
  void namesTheNearestOfAnUnknownName() {
    assertThatThrownBy(() -> SelectorPolicies.parse("tokenselct(k=3)"))
        .hasMessageStartingWith(
            "there is no read policy 'tokenselct': did you mean 'tokenselect'?");
    assertThatThrownBy(() -> SelectorPolicies.parse("tokenselect(inti=3)"))
        .hasMessageStartingWith("tokenselect has no option 'inti': did you mean 'init'?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenselect(theta=NaN)",
        "tokenselect(k=0)",
        "tokenselect(k=NaN)",
        "tokenselect(init=-1)",
        "tokenselect(local=99999999999)",
        "tokenselect(scale=other)",
        "tokenselect(pool=2)"
      })
  void refusesValuesOutOfRange(String text) {
    assertThatThrownBy(() -> SelectorPolicies.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tokenselect: ");
  }
}
