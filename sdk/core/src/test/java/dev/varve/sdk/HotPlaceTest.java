package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaException;
import dev.varve.store.cuda.EmulatedKernels;
import dev.varve.store.cuda.FakeDriver;
import dev.varve.store.cuda.LaunchGrid;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the hot tier lies when there is a GPU, or none, or none that serves. */
class HotPlaceTest {
  private static final long HOT = 4 << 20;

  /** Kernels that load; nobody attends here. */
  private static final EmulatedKernels KERNELS =
      new EmulatedKernels() {
        @Override
        public boolean has(String name) {
          return true;
        }

        @Override
        public void run(String name, LaunchGrid grid, byte[] values) {}
      };

  private final FakeDriver driver = new FakeDriver(6 << 20, KERNELS);
  private int asked;

  private GpuConfig gpu(GpuConfig.Need need) {
    return new GpuConfig(
        number -> {
          asked++;
          return new CudaDevice(driver);
        },
        0,
        1 << 20,
        need,
        true);
  }

  private static CacheConfig.Builder config(int dim) {
    LayerShape layer = LayerShape.grouped(2, 1, dim, RopeSpec.none());
    return CacheConfig.of(new ModelShape(List.of(layer), Dtype.F16), "m").blockTokens(32).hot(HOT);
  }

  @Test
  void isWelcomeOnTheFirstGpuUnlessToldOtherwise() {
    GpuConfig unset = config(64).build().gpu().orElseThrow();
    assertThat(unset.need()).isEqualTo(GpuConfig.Need.WELCOME);
    assertThat(unset.device()).isZero();
    assertThat(unset.kernels()).isTrue();
    assertThat(config(64).hotInNativeMemory().build().gpu()).isEmpty();
    assertThatThrownBy(() -> config(64).hotInNativeMemory().gpu(gpu(GpuConfig.Need.REQUIRED)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("where the hot tier lies was already set");
  }

  @Test
  void liesOnAGpuThatIsWelcome() {
    KvCache cache = KvCache.open(config(64).gpu(gpu(GpuConfig.Need.WELCOME)).build());
    assertThat((6 << 20) - driver.freeMemory()).isGreaterThanOrEqualTo(HOT);
    cache.close();
    assertThat(driver.left()).isZero();
  }

  @Test
  void asksForNoGpuWhoseKernelsDoNotAttendEveryLayer() {
    KvCache.open(config(48).gpu(gpu(GpuConfig.Need.WELCOME)).build()).close();
    assertThat(asked).isZero();
    KvCache.open(config(48).gpu(gpu(GpuConfig.Need.WANTED)).build()).close();
    assertThat(asked).isEqualTo(1);
    assertThat(driver.left()).isZero();
  }

  @Test
  void liesInNativeMemoryWhereAnotherProcessHoldsTheGpu() {
    CacheConfig required = config(64).gpu(gpu(GpuConfig.Need.REQUIRED)).build();
    try (KvCache first = KvCache.open(required)) {
      int held = driver.left();
      assertThatThrownBy(() -> KvCache.open(required))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("does not fit")
          .hasMessageContaining("other processes may use it too");
      for (GpuConfig.Need need : List.of(GpuConfig.Need.WANTED, GpuConfig.Need.WELCOME)) {
        try (KvCache second = KvCache.open(config(64).gpu(gpu(need)).build())) {
          assertThat(second.stats()).isNotNull();
          assertThat(driver.left()).isEqualTo(held);
        }
      }
      assertThat(first.stats()).isNotNull();
    }
    assertThat(driver.left()).isZero();
  }

  @Test
  void liesInNativeMemoryWhereTheDriverFailsAndNeedNot() {
    GpuConfig failing =
        new GpuConfig(
            number -> {
              throw new CudaException(46, "opening a GPU");
            },
            0,
            0,
            GpuConfig.Need.WELCOME,
            true);
    KvCache.open(config(64).gpu(failing).build()).close();
    assertThatThrownBy(() ->
            KvCache.open(
                config(64)
                    .gpu(new GpuConfig(failing.devices(), 0, 0, GpuConfig.Need.REQUIRED, true))
                    .build()))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("another process may hold it alone");
  }

  @Test
  void letsGoOfTheDeviceWhereTheTierIsTooSmallForABlock() {
    LayerShape layer = LayerShape.grouped(2, 1, 64, RopeSpec.none());
    ModelShape shape = new ModelShape(List.of(layer), Dtype.F16);
    CacheConfig config =
        CacheConfig.of(shape, "m").hot(1).gpu(gpu(GpuConfig.Need.REQUIRED)).build();
    assertThatThrownBy(() -> KvCache.open(config)).isInstanceOf(RuntimeException.class);
    assertThat(driver.left()).isZero();
  }
}
