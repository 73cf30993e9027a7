package dev.varve.attention.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncateTest {

  private static final int TOKENS = 700;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenselect(init=4,k=40,local=16,theta=2)",
        "tokenselect(init=4,k=40,local=16,theta=-1)",
        "tokenselect(init=4,k=40,local=16,theta=2,keys=int4)",
        "oracle(k=40)",
        "specache(k=40,local=70)",
        "quest(k=48,page=16,dense=0)",
        "triforce(k=48,chunk=8)",
        "sentencekv(k=48,ends=1+2+3,longest=30)",
        "sticky(k=64,block=16,moving=2,local=20)",
        "actqkv(k=64,block=32,local=20)",
        "recycled(k=40,every=5)",
        "hip(k=40,chunk=64+16,keep=128,refresh=2+1,dense=0,init=4,local=16)"
      })
  void anIndexThatWasCutChoosesAsOneThatNeverHeldMore(String text) {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 32, TOKENS);
    SyntheticKeys others = new SyntheticKeys(seed + 1, 4, 2, 32, TOKENS);
    int[] ids = random.ints(TOKENS, 0, 40).toArray();
    SelectorPolicy policy = SelectorPolicies.parse(text);
    TokenIndex index = policy.index(keys.shape, Backend.SCALAR);
    StepSelector cut = policy.open(keys.shape, 0, index);
    for (int round = 0; round < 8; round++) {
      int kept = random.nextInt(TOKENS);
      int left = cut.truncate(Math.min(kept, index.appended()));
      assertThat(left).as("seed %d", seed).isEqualTo(index.appended()).isBetween(0, kept);
      // What follows the cut is something else for a while.
      cut.append(others.span(left, TOKENS), Arrays.copyOfRange(ids, left, TOKENS));
      cut.select(new StepQueries(keys.shape).set(others.query(), 0, TOKENS - 1, 1));
      int again = cut.truncate(left);
      assertThat(again).isBetween(0, left);
      cut.append(keys.span(again, TOKENS), Arrays.copyOfRange(ids, again, TOKENS));
      assertThat(index.appended()).isEqualTo(TOKENS);
      StepSelector fresh = policy.open(keys.shape, 0, Backend.SCALAR);
      fresh.append(keys.span(), ids);
      float[] query = keys.query();
      Selection expected = fresh.select(new StepQueries(keys.shape).set(query, 0, TOKENS - 1, 1));
      Selection found = cut.select(new StepQueries(keys.shape).set(query, 0, TOKENS - 1, 1));
      assertThat(found.origin()).isEqualTo(Selection.Origin.LOOKED_UP);
      for (int head = 0; head < 2; head++) {
        assertThat(found.set(head))
            .as("seed %d, head %d", seed, head)
            .isEqualTo(expected.set(head));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16})
  void whatPagesPromiseOfTheRestIsNeverExceeded(int page) {
    long seed = new SplittableRandom().nextLong();
    SyntheticKeys keys = new SyntheticKeys(seed, 4, 2, 16, 300);
    PageIndex index = PageIndex.quest(keys.shape, page, Backend.SCALAR);
    index.append(keys.span(), new int[0]);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20; round++) {
      float[] query = keys.query();
      StepQueries queries = keys.queries(query);
      BitSet read = new BitSet();
      random.ints(random.nextInt(300), 0, 300).forEach(read::set);
      for (int head = 0; head < 4; head++) {
        double missed = 0;
        for (int t = 0; t < 300; t++) {
          double dot = SyntheticKeys.dot(query, head * 16, keys.key(head / 2, t));
          missed += read.get(t) ? 0 : Math.exp(dot * keys.shape.scale());
        }
        double bound = index.logRestBound(queries, head, read, 0, 300);
        assertThat(bound).as("seed %d", seed).isGreaterThan(Math.log(missed) - 1e-5);
        read.set(0, 300);
        assertThat(index.logRestBound(queries, head, read, 0, 300))
            .isEqualTo(Double.NEGATIVE_INFINITY);
        read.clear();
        random.ints(random.nextInt(300), 0, 300).forEach(read::set);
      }
    }
    PageIndex means = PageIndex.chunkMeans(keys.shape, page, Backend.SCALAR);
    means.append(keys.span(), new int[0]);
    assertThat(means.logRestBound(keys.queries(keys.query()), 0, new BitSet(), 0, 300)).isNaN();
  }
}
