package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.FakeDriver;
import dev.varve.store.cuda.LostDeviceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tool")
class EmulatedDeviceAttentionTest extends DeviceAttentionContract {
  private FakeDriver driver = FakeDriver.emulated(64 << 20);
  private boolean lost;

  @Override
  GpuConfig gpu() {
    return new GpuConfig(
        number -> new CudaDevice(driver), 0, 1 << 20, GpuConfig.Need.REQUIRED, true);
  }

  @Override
  CudaDevice device() {
    return new CudaDevice(driver);
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    if (!lost) {
      assertThat(driver.left()).isZero();
    }
  }

  @Test
  void bringsDownNoBlockThatItsKernelsAttend() {
    int[] tokens = SyntheticEngine.tokens(20, 4 * SPAN + 1);
    try (KvCache cache = KvCache.open(config(60).build());
        KvSession session = cache.openSession()) {
      engine.run(session, tokens, SPAN);
      int started = driver.launches();
      long down = driver.bytesDown();
      engine.step(session, new int[] {5});
      // Two kernels a layer, in the four layers that have one; one layer reads four small copies.
      assertThat(driver.launches() - started).isEqualTo(8);
      assertThat(driver.bytesDown() - down).isLessThan(5 * slotBytes());
    }
  }

  @Test
  void bringsDownNoKeyOfAnEngineOnTheDevice() {
    ModelShape shape =
        ModelShape.uniform(2, LayerShape.grouped(4, 2, 64, RopeSpec.none()), Dtype.F16);
    CacheConfig config =
        CacheConfig.of(shape, "m").blockTokens(SPAN).hot(20 * slotBytes()).gpu(gpu()).build();
    int[] tokens = SyntheticEngine.tokens(33, SPAN + 4);
    try (KvCache cache = KvCache.open(config);
        DeviceEngine there = new DeviceEngine(shape, device(), Dtype.F16);
        KvSession session = cache.openSession()) {
      float[][] found = there.step(session, tokens);
      // Queries and outputs pass the host, and are looked at here: no block is as small.
      assertThat(driver.bytesDown()).isLessThan(230_000);
      long before = driver.bytesDown();
      there.step(session, new int[] {1});
      assertThat(driver.bytesDown() - before).isLessThan(slotBytes());
      double[] expected = new SyntheticEngine(shape).reference(1, tokens);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) found[1][i]).isCloseTo(expected[i], within(2e-4));
      }
    }
  }

  @Test
  void refusesTensorsOfADeviceWhereTheTierLiesInNativeMemory() {
    int[] tokens = {1};
    CacheConfig config =
        CacheConfig.of(SHAPE, "m")
            .blockTokens(SPAN)
            .hot(60 * slotBytes())
            .hotInNativeMemory()
            .build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession();
        Step step = session.begin(tokens, false)) {
      EngineTensor keys = EngineTensor.onDevice(4096, Dtype.F16, 1, 2, 64);
      assertThatThrownBy(() -> step.append(0, keys, keys))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("native memory: copy the tensor to the host");
    }
    assertThatThrownBy(() -> EngineTensor.onDevice(0, Dtype.F16, 1, 2, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("address 0");
  }

  @Test
  void waitsForAnotherThreadWhereTheDeviceHasNoRoomForOneMore() throws Exception {
    // The hot tier and one thread's attention fit, and nothing else.
    long hot = 80 * ((slotBytes() + 4095) / 4096 * 4096);
    driver = FakeDriver.emulated(hot + 400_000);
    runThreads();
  }

  @Test
  void attendsWithoutPinnedMemory() {
    driver.pinAtMost(0);
    runPromptAndToken();
  }

  @Test
  void refusesToOpenWhereTheKernelsHaveNoRoomBesideTheHotTier() {
    driver = FakeDriver.emulated(61 * slotBytes());
    assertThatThrownBy(() -> KvCache.open(config(60).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("out of memory");
  }

  @Test
  void refusesToOpenWhereTheDeviceTakesNoKernel() {
    FakeDriver without = new FakeDriver(64 << 20);
    GpuConfig gpu =
        new GpuConfig(number -> new CudaDevice(without), 0, 1 << 20, GpuConfig.Need.REQUIRED, true);
    assertThatThrownBy(() -> KvCache.open(config(60, gpu)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("209 (no kernel image for this GPU)");
    assertThat(without.left()).isZero();
  }

  @Test
  void liesInNativeMemoryWhereTheDeviceTakesNoKernelAndNeedNot() {
    FakeDriver without = new FakeDriver(64 << 20);
    GpuConfig gpu =
        new GpuConfig(number -> new CudaDevice(without), 0, 1 << 20, GpuConfig.Need.WANTED, true);
    int[] tokens = SyntheticEngine.tokens(21, SPAN + 1);
    try (KvCache cache = KvCache.open(config(60, gpu));
        KvSession session = cache.openSession()) {
      check(engine.run(session, tokens, SPAN), tokens, "native memory");
      assertThat(without.left()).isZero();
    }
  }

  @Test
  void saysThatTheDeviceIsLostAndStillCloses() {
    lost = true;
    try (KvCache cache = KvCache.open(config(60).build());
        KvSession session = cache.openSession()) {
      engine.run(session, SyntheticEngine.tokens(22, 2 * SPAN), SPAN);
      driver.lose(700);
      assertThatThrownBy(() -> engine.step(session, new int[] {1}))
          .isInstanceOf(LostDeviceException.class)
          .hasMessageContaining("restart");
    }
  }

  private static CacheConfig config(int slots, GpuConfig gpu) {
    return CacheConfig.of(SHAPE, "m").blockTokens(SPAN).hot(slots * slotBytes()).gpu(gpu).build();
  }
}
