package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ForgettingAllocationTest {

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
  @EnumSource(Backend.class)
  void aDecodeStepOverPrivateRowsAllocatesNoHeapByteOnceWarm(Backend backend) {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(200 * 4096)
            .backend(backend)
            .build();
    ScriptedForgetting policy = ScriptedForgetting.rows(row -> row % 2 == 0).queries(16);
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.run(session, TEXT, 100);
      session.forget();
      // Whenever the compiler compiles the kernels anew, vector objects come back for a step.
      int quiet = 0;
      for (int steps = 0; quiet < 20 && steps < 60_000; steps++) {
        if (session.length() == 220) {
          session.truncate(200);
        }
        quiet = step(session) == 0 ? quiet + 1 : 0;
      }
      assertThat(quiet).as("%s", backend).isEqualTo(20);
    }
  }

  /** The prompt leaves places that a multiple of a page's rows would not fit exactly. */
  @ParameterizedTest
  @CsvSource({
    "SCALAR,h2o(budget=0.25)+online",
    "VECTOR,h2o(budget=64)+online",
    "SCALAR,zeromerge(budget=40)+online",
    "VECTOR,zeromerge(budget=40)+online",
    "VECTOR,elastic(budget=40)+online",
    "VECTOR,prefixkv(budget=40)+online",
    "VECTOR,streamingllm(budget=40)+online"
  })
  void aDecodeStepThatForgetsARowAllocatesNoHeapByteOnceWarm(Backend backend, String text) {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(800 * 4096)
            .backend(backend)
            .build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, EvictionForgetting.parse(text))) {
      engine.run(session, TEXT, 100);
      assertThat(session.forget() || session.usage().forgot()).isTrue();
      long gone = cache.stats().forgetting().decodedRows();
      int quiet = 0;
      int steps = 0;
      for (; quiet < 20 && steps < 60_000; steps++) {
        quiet = step(session) == 0 ? quiet + 1 : 0;
      }
      assertThat(quiet).as("%s %s", backend, text).isEqualTo(20);
      assertThat(cache.stats().forgetting().decodedRows()).isGreaterThan(gone + steps);
    }
  }

  /** Rows in few bits are decoded into memory that stays. */
  @ParameterizedTest
  @EnumSource(Backend.class)
  void aDecodeStepOverTwoPrecisionsAllocatesNoHeapByteOnceWarm(Backend backend) {
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(200 * 4096)
            .backend(backend)
            .build();
    EvictionForgetting policy = EvictionForgetting.parse("zipvl(mass=0.5,probes=8,low=int8)");
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.run(session, TEXT, 200);
      assertThat(session.usage().forgot()).isTrue();
      int quiet = 0;
      for (int steps = 0; quiet < 20 && steps < 60_000; steps++) {
        if (session.length() == 220) {
          session.truncate(200);
        }
        quiet = step(session) == 0 ? quiet + 1 : 0;
      }
      assertThat(quiet).as("%s", backend).isEqualTo(20);
      assertThat(session.usage().rows()).isEqualTo(session.length() * 6L);
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
