package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.DeviceTensor;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.Step;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.DeviceMemory;
import dev.varve.store.cuda.FakeDriver;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FakeDeviceCacheTest extends DeviceCacheContract {
  private final FakeDriver driver = new FakeDriver(64 << 20);

  @Override
  GpuConfig gpu(long pinnedBytes) {
    return new GpuConfig(
        number -> new CudaDevice(driver), 0, pinnedBytes, GpuConfig.Need.REQUIRED, false);
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    assertThat(driver.left()).isZero();
  }

  @Test
  void takesAndGivesTensorsOfTheDevice() {
    CudaDevice device = new CudaDevice(driver);
    float[] rows = new float[SPAN * 16];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (i % 7 - 3) / 4f;
    }
    try (KvCache cache = KvCache.open(config(gpu(4096), 1 << 20));
        KvSession session = cache.openSession();
        DeviceMemory memory = new DeviceMemory(driver, 4L * rows.length);
        DeviceMemory result = new DeviceMemory(driver, 8L * rows.length);
        DeviceTensor keys = new DeviceTensor(device, memory.address(), Dtype.F32, SPAN, 1, 16);
        DeviceTensor out = new DeviceTensor(device, result.address(), Dtype.F32, SPAN, 2, 16)) {
      MemorySegment.copy(MemorySegment.ofArray(rows), 0, keys.host().memory(), 0, 4L * rows.length);
      keys.send();
      keys.host().memory().fill((byte) 0);
      try (Step step = session.begin(new int[SPAN], false)) {
        step.append(0, keys.fetch(), keys.fetch());
        step.attend(0, EngineTensor.of(new float[2 * rows.length], SPAN, 2, 16), out.host());
        out.send();
        step.end();
      }
      out.host().memory().fill((byte) 0);
      MemorySegment found = out.fetch().memory();
      // Queries of zeros weigh all keys alike, so the first token's output is its own value.
      assertThat(found.asSlice(0, 64).toArray(ValueLayout.JAVA_FLOAT))
          .isEqualTo(Arrays.copyOf(rows, 16));
    }
  }

  @Test
  void refusesToOpenWhereTheDeviceIsMissing() {
    assertThatThrownBy(() ->
            KvCache.open(
                config(
                    new GpuConfig(FakeDeviceCacheTest::none, 0, 0, GpuConfig.Need.REQUIRED, false),
                    1 << 20)))
        .isInstanceOf(StoreException.class)
        .hasMessage("no GPU can be used: none here, not even 0");
  }

  @Test
  void liesInNativeMemoryWhereTheDeviceMayBeMissing() {
    try (KvCache cache =
        KvCache.open(
            config(
                new GpuConfig(FakeDeviceCacheTest::none, 0, 0, GpuConfig.Need.WANTED, false),
                1 << 20))) {
      assertThat(cache.stats()).isNotNull();
    }
  }

  @Test
  void refusesATierThatDoesNotFitOnTheDevice() {
    assertThatThrownBy(() -> KvCache.open(config(gpu(0), 128 << 20)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not fit on Host memory in a device's place")
        .hasMessageContaining("67108864 bytes are free");
  }

  @Test
  void refusesADeviceThatCannotBe() {
    assertThatThrownBy(
            () -> new GpuConfig(FakeDeviceCacheTest::none, -1, 0, GpuConfig.Need.REQUIRED, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  private static CudaDevice none(int number) {
    throw new StoreException("no GPU can be used: none here, not even " + number);
  }

  private static CacheConfig config(GpuConfig gpu, long hotBytes) {
    LayerShape layer = LayerShape.grouped(2, 1, 16, RopeSpec.none());
    ModelShape shape = new ModelShape(List.of(layer), Dtype.F16);
    return CacheConfig.of(shape, "m").blockTokens(SPAN).hot(hotBytes).gpu(gpu).build();
  }
}
