package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExactAttentionAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int TOKENS = 300;

  private static final int QUIET_STEPS = 200;

  private final float[] out = new float[8 * 64];

  @ParameterizedTest
  @EnumSource(Backend.class)
  void allocatesNoHeapByteInADecodeStepOnceWarm(Backend backend) {
    ExactAttention attention = new ExactAttention(AttentionKernel.of(backend));
    for (Dtype dtype : Dtype.values()) {
      LayerShape plain = RandomLayer.shape(8, 2, 64, 64);
      LayerShape odd = new RandomLayer.Options(5f, 100, true).shape(4, 2, 37, 29);
      RandomLayer first = new RandomLayer(new SplittableRandom(1), plain, dtype, 128, TOKENS);
      RandomLayer second = new RandomLayer(new SplittableRandom(2), odd, dtype, 64, TOKENS);
      int quiet = SteadyState.quietSteps(QUIET_STEPS, () -> step(attention, first, second));
      assertThat(quiet).as("%s %s", backend, dtype).isEqualTo(QUIET_STEPS);
    }
  }

  private long step(ExactAttention attention, RandomLayer first, RandomLayer second) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    decode(attention, first);
    decode(attention, second);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private void decode(ExactAttention attention, RandomLayer layer) {
    layer.start(attention, TOKENS - 1, TOKENS);
    layer.addBlocks(attention);
    attention.finish(out, 0);
  }
}
