package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import dev.varve.store.hot.SlotMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FakeDevicePoolTest extends DevicePoolContract {
  private @Nullable FakeDriver driver;
  private @Nullable CudaDevice device;

  private FakeDriver driver() {
    if (driver == null) {
      driver = new FakeDriver(64 << 20);
    }
    return driver;
  }

  @Override
  protected CudaDevice device() {
    if (device == null) {
      device = new CudaDevice(driver());
    }
    return device;
  }

  @Override
  protected void closed() {
    assertThat(driver().left()).isZero();
  }

  @Test
  void givesEverythingBack() {
    FakeDriver own = new FakeDriver(1 << 20);
    try (HotPool pool = new HotPool(new CudaDevice(own).slots(16 * 8192, 8192, 4 * 8192))) {
      for (int i = 0; i < 16; i++) {
        pool.publish(pool.allocate());
      }
    }
    assertThat(own.left()).isZero();
    assertThat(own.freeMemory()).isEqualTo(1 << 20);
  }

  @Test
  void worksWithoutPinnedMemory() {
    FakeDriver own = new FakeDriver(1 << 20);
    own.pinAtMost(0);
    try (HotPool pool = new HotPool(new CudaDevice(own).slots(4 * 8192, 8192, 4 * 8192))) {
      long handle = pool.allocate();
      fill(pool.filling(handle), 3);
      pool.publish(handle);
      try (BlockLease lease = pool.newLease()) {
        assertThat(lease.take(handle)).isTrue();
        assertFilled(lease.bytes(), 3);
      }
    }
    assertThat(own.left()).isZero();
  }

  @Test
  void reportsALostDeviceAndStillCloses() {
    FakeDriver own = new FakeDriver(1 << 20);
    SlotMemory slots = new CudaDevice(own).slots(8 * 8192, 8192, 0);
    HotPool pool = new HotPool(slots);
    long kept = pool.allocate();
    fill(pool.filling(kept), 1);
    pool.publish(kept);
    long growing = pool.allocate();
    fill(pool.filling(growing), 2);
    own.lose(700);
    try (BlockLease lease = pool.newLease()) {
      assertThatThrownBy(() -> pool.publish(growing))
          .isInstanceOf(LostDeviceException.class)
          .hasMessageContaining("700 (illegal address)")
          .hasMessageContaining("restart");
      assertThat(lease.take(kept)).isTrue();
    }
    pool.discard(growing);
    assertThat(pool.retire(kept)).isTrue();
    assertThat(pool.freeSlots()).isEqualTo(8);
    pool.close();
  }
}
