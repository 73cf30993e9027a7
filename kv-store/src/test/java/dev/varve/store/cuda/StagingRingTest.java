package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StagingRingTest {

  @ParameterizedTest
  @CsvSource({"1,1", "4096,1", "4096,2", "10000,3", "65536,4", "70001,2"})
  void carriesEveryByteThereAndBack(int bytes, int chunks) {
    long seed = 9_001L + bytes;
    SplittableRandom random = new SplittableRandom(seed);
    FakeDriver driver = new FakeDriver(1 << 20);
    try (Arena arena = Arena.ofConfined();
        StagingRing ring = new StagingRing(driver, 4096, chunks);
        DeviceMemory device = new DeviceMemory(driver, bytes)) {
      MemorySegment sent = arena.allocate(bytes);
      for (int i = 0; i < bytes; i++) {
        sent.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
      }
      ring.upload(device.address(), sent);
      MemorySegment back = arena.allocate(bytes);
      ring.download(back, device.address());
      assertThat(back.mismatch(sent)).as("seed %d", seed).isEqualTo(-1);
    }
    assertThat(driver.left()).isZero();
  }

  @Test
  void losesTheDeviceByACopyBeyondWhatWasTaken() {
    FakeDriver driver = new FakeDriver(1 << 20);
    try (Arena arena = Arena.ofConfined()) {
      StagingRing ring = new StagingRing(driver, 4096, 2);
      DeviceMemory device = new DeviceMemory(driver, 4096);
      assertThatThrownBy(() -> ring.upload(device.address(), arena.allocate(8192)))
          .isInstanceOf(LostDeviceException.class);
      assertThatThrownBy(ring::close).isInstanceOf(LostDeviceException.class);
    }
  }

  @Test
  void refusesAnArrayOfTheHeap() {
    FakeDriver driver = new FakeDriver(1 << 20);
    try (CudaStream stream = new CudaStream(driver);
        DeviceMemory device = new DeviceMemory(driver, 64)) {
      assertThatThrownBy(
              () -> stream.copyToDevice(device.address(), MemorySegment.ofArray(new byte[64])))
          .hasMessageContaining("native memory only");
    }
    assertThat(driver.left()).isZero();
  }

  @Test
  void pinsMemoryWhereItLiesOrNotAtAll() {
    FakeDriver driver = new FakeDriver(1 << 20);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(8192, 4096);
      try (RegisteredMemory registered = new RegisteredMemory(driver, pages)) {
        assertThat(registered).isNotNull();
        assertThat(driver.left()).isEqualTo(1);
      }
      driver.pinAtMost(0);
      assertThatThrownBy(() -> new RegisteredMemory(driver, pages))
          .isInstanceOf(CudaException.class);
      assertThatThrownBy(() -> new RegisteredMemory(driver, pages.asSlice(1)))
          .hasMessageContaining("whole pages");
    }
    assertThat(driver.left()).isZero();
  }
}
