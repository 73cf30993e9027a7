package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
