package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectiveAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int[] TEXT = SyntheticEngine.tokens(9, 200);

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final int[] one = {7};
  private final EngineTensor keys = engine.keys(0, one, 200);
  private final EngineTensor values = engine.values(0, one, 200);
  private final EngineTensor queries = engine.queries(0, one, 200);
  private final EngineTensor out = out(Shapes.PLAIN.layers().getFirst());

  private static EngineTensor out(LayerShape shape) {
    float[] floats = new float[shape.queryHeads() * shape.valueDim()];
    return EngineTensor.of(floats, 1, shape.queryHeads(), shape.valueDim());
  }

  /** Beginning a step makes the step; nothing else is made until it ends. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "VECTOR;tokenselect(init=4,k=24,local=16,theta=2)",
        "SCALAR;quest(page=8,init=4,k=24,local=16,dense=0)",
        "VECTOR;quest(page=8,init=4,k=24,local=16,dense=0)"
      })
  void aDecodeStepOverHotRowsAllocatesNoHeapByteOnceWarm(Backend backend, String policy) {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(200 * 4096)
            .backend(backend)
            .build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, SelectiveReading.parse(policy))) {
      engine.run(session, TEXT, 100);
      // Whenever the compiler compiles the kernels anew, vector objects come back for a step.
      int quiet = 0;
      for (int steps = 0; quiet < 20 && steps < 60_000; steps++) {
        if (session.length() == 220) {
          session.truncate(200);
        }
        quiet = step(session) == 0 ? quiet + 1 : 0;
      }
      assertThat(quiet).as("%s %s", backend, policy).isEqualTo(20);
      assertThat(cache.stats().reading().building()).isZero();
      assertThat(cache.stats().reading().whole()).isZero();
    }
  }

  private long step(KvSession session) {
    try (Step step = session.begin(one, false)) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int layer = 0; layer < 3; layer++) {
        step.append(layer, keys, values);
        step.attend(layer, queries, out);
      }
      step.end();
      return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
  }
}
