package dev.varve.attention.select;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.varve.attention.SteadyState;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.SyntheticKeys;
import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.store.kernel.Backend;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int TOKENS = 6000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenselect(init=16,k=128,local=64,theta=0.5)",
        "tokenselect(init=16,k=128,local=64,theta=2,keys=int4)",
        "quest(k=128,dense=0)",
        "triforce(k=128)",
        "oracle(k=128)"
      })
  void allocatesNoHeapByteInAStepOnceWarm(String policy) {
    SyntheticKeys keys = new SyntheticKeys(1, 4, 2, 32, TOKENS);
    StepSelector selector = SelectorPolicies.parse(policy).open(keys.shape, 0, Backend.VECTOR);
    selector.append(keys.span(), new int[0]);
    StepQueries queries = new StepQueries(keys.shape);
    float[][] steps = new float[8][];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = keys.query();
    }
    int quiet = SteadyState.quietSteps(20, () -> round(selector, queries, steps));
    assertThat(quiet).as(policy).isEqualTo(20);
  }

  private static long round(StepSelector selector, StepQueries queries, float[][] steps) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (float[] step : steps) {
      selector.select(queries.set(step, 0, TOKENS - 1, 1));
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
