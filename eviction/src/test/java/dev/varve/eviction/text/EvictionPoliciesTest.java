package dev.varve.eviction.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvictionPoliciesTest {

  @Test
  void writesEveryOptionOut() {
    assertThat(EvictionPolicies.parse(" snapkv( budget = 256 , pool=AVG ) "))
        .hasToString("snapkv(budget=256,window=32,kernel=7,pool=avg,group=mean)");
  }

  @Test
  void readsItsOwnText() {
    String text = EvictionPolicies.parse("snapkv(budget=0.25,window=16)").text();
    assertThat(EvictionPolicies.parse(text).text()).isEqualTo(text);
  }

  @Test
  void takesABudgetWithAPointForARatio() {
    assertThat(EvictionPolicies.parse("random(budget=1.0)").forgets(50)).isFalse();
    assertThat(EvictionPolicies.parse("random(budget=1)").forgets(50)).isTrue();
    assertThat(EvictionPolicies.parse("random(budget=0.5)").forgets(50)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "random                         | random(budget=0.25)",
        "random()                       | random(budget=0.25)",
        "snapkv ( window=8 )+ada        | snapkv(budget=0.25,window=8 )+ada",
        "snapkv+values(threshold=0.5)   | snapkv(budget=0.25)+values(threshold=0.5)",
      })
  void putsABudgetIntoATextThatLacksOne(String text, String expected) {
    assertThat(EvictionPolicies.lacksBudget(text)).isTrue();
    String whole = EvictionPolicies.withBudget(text, 0.25);
    assertThat(whole).isEqualTo(expected);
    assertThat(EvictionPolicies.lacksBudget(whole)).isFalse();
    assertThat(EvictionPolicies.parse(whole).forgets(100)).isTrue();
  }

  @Test
  void knowsMethodsThatDecideThemselvesHowMuchIsKept() {
    assertThat(EvictionPolicies.lacksBudget("zipvl(mass=0.9)")).isFalse();
    assertThat(EvictionPolicies.lacksBudget("knorm(budget=3)")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "snapvk(budget=4)            | there is no policy 'snapvk'; did you mean 'snapkv'?",
        "snapkv(budgte=4)            | snapkv has no option 'budgte'; did you mean 'budget'?",
        "snapkv                      | snapkv needs budget=N, a number of tokens per KV head",
        "snapkv(budget=0)            | budget must be at least 1 token: 0",
        "snapkv(budget=-3)           | budget must be at least 1 token: -3",
        "snapkv(budget=1.5)          | a ratio above 0 and at most 1: 1.5",
        "snapkv(budget=0.0)          | a ratio above 0 and at most 1: 0.0",
        "snapkv(budget=-0.5)         | a ratio above 0 and at most 1: -0.5",
        "snapkv(budget=NaN)          | a ratio above 0 and at most 1: NaN",
        "snapkv(budget=9999999999)   | a ratio above 0 and at most 1: 9999999999",
        "snapkv(budget=many)         | a ratio above 0 and at most 1: many",
        "snapkv(budget=64,kernel=4)  | kernel must be odd",
        "snapkv(budget=64,kernel=0)  | snapkv(kernel) must be a whole number of at least 1: 0",
        "snapkv(budget=64,window=0)  | snapkv(window) must be a whole number of at least 1: 0",
        "snapkv(budget=64,window=x)  | snapkv(window) must be a whole number of at least 1: x",
        "snapkv(budget=64,pool=med)  | snapkv(pool) must be one of max, avg: med",
        "snapkv(budget=16)           | a budget of 16 is below the 32 tokens that are always kept",
        "snapkv(budget=64            | expected ',' or ')' at character 17, found its end",
        "snapkv(budget)              | expected '=' after 'budget' at character 14, found ')'",
        "snapkv(budget=)             | expected a value for 'budget' at character 15, found ')'",
        "snapkv(budget=4,budget=5)   | gives budget twice for snapkv",
        "snapkv(budget=64) x         | expected '+' or the end at character 19, found 'x'",
        "''                          | expected a name at character 1, found its end",
      })
  void refusesWithASentence(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EvictionPolicies.parse(text))
        .withMessageContaining(sentence);
  }
}
