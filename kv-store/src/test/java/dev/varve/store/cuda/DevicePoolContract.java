package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import dev.varve.store.hot.HotPoolContract;
import dev.varve.store.hot.SlotMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A hot pool in the memory of a device: what every pool does, and what only this one does. */
abstract class DevicePoolContract extends HotPoolContract {
  private static final long SLOT = 8192;

  /** The device that the pools of one test share; the same for the whole test. */
  protected abstract CudaDevice device();

  @Override
  protected HotPool open(long capacityBytes, long blockBytes) {
    return open(capacityBytes, blockBytes, 3 * SLOT);
  }

  private HotPool open(long capacityBytes, long blockBytes, long pinnedBytes) {
    return new HotPool(device().slots(capacityBytes, blockBytes, pinnedBytes));
  }

  @Test
  void showsEveryBlockAsItWasFilledThroughFewPinnedPages() {
    try (HotPool pool = open(64 * SLOT, SLOT, 2 * SLOT)) {
      List<Long> handles = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        long handle = pool.allocate();
        fill(pool.filling(handle), i);
        pool.publish(handle);
        handles.add(handle);
      }
      for (int round = 0; round < 2; round++) {
        for (int i = 63; i >= 0; i--) {
          try (BlockLease lease = pool.newLease()) {
            assertThat(lease.take(handles.get(i))).isTrue();
            assertFilled(lease.bytes(), i);
          }
        }
      }
      for (long handle : handles) {
        assertThat(pool.retire(handle)).isTrue();
      }
    }
  }

  @Test
  void keepsAnOpenBlockInHostMemoryUntilItIsPublished() {
    try (HotPool pool = open(8 * SLOT, SLOT, SLOT)) {
      List<Long> open = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        open.add(pool.allocate());
        fill(pool.filling(open.get(i)), i);
      }
      for (int i = 0; i < 8; i++) {
        assertFilled(pool.filling(open.get(i)), i);
        pool.publish(open.get(i));
      }
      for (int i = 0; i < 8; i++) {
        try (BlockLease lease = pool.newLease()) {
          assertThat(lease.take(open.get(i))).isTrue();
          assertFilled(lease.bytes(), i);
        }
      }
    }
  }

  @Test
  void showsTwoLeasesOfOneBlockTheSameBytes() {
    try (HotPool pool = open(4 * SLOT, SLOT, SLOT)) {
      long handle = pool.allocate();
      fill(pool.filling(handle), 5);
      pool.publish(handle);
      BlockLease first = pool.newLease();
      try (BlockLease second = pool.newLease()) {
        assertThat(first.take(handle)).isTrue();
        assertThat(second.take(handle)).isTrue();
        assertFilled(first.bytes(), 5);
        first.close();
        assertFilled(second.bytes(), 5);
      }
    }
  }

  @Test
  void givesKernelsTheAddressOfALeasedBlock() {
    try (HotPool pool = open(4 * SLOT, SLOT, SLOT)) {
      long handle = pool.allocate();
      fill(pool.filling(handle), 9);
      pool.publish(handle);
      try (BlockLease lease = pool.newLease();
          CudaStream stream = new CudaStream(device().driver());
          PinnedMemory copy = new PinnedMemory(device().driver(), SLOT)) {
        assertThat(lease.take(handle)).isTrue();
        long address = lease.deviceAddress().orElseThrow();
        stream.copyToHost(copy.bytes(), address);
        stream.await();
        assertFilled(copy.bytes(), 9);
      }
    }
  }

  @Test
  void keepsWhatKernelsAndTheHostFillInTurns() {
    try (HotPool pool = open(4 * SLOT, SLOT, SLOT);
        CudaStream stream = new CudaStream(device().driver())) {
      long handle = pool.allocate();
      fill(pool.filling(handle), 3);
      assertThat(pool.filledOnDevice(handle)).isFalse();
      long address = pool.fillingOnDevice(handle).orElseThrow();
      device().driver().fill(address, (byte) 7, 8, stream.handle());
      stream.await();
      assertThat(pool.filledOnDevice(handle)).isTrue();
      MemorySegment back = pool.filling(handle);
      assertThat(pool.filledOnDevice(handle)).isFalse();
      assertThat(back.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(0x0707070707070707L);
      assertThat(back.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(3 * 1_000_003L + 8);
      fill(back, 4);
      assertThat(pool.fillingOnDevice(handle).orElseThrow()).isEqualTo(address);
      pool.publish(handle);
      try (BlockLease lease = pool.newLease()) {
        assertThat(lease.take(handle)).isTrue();
        assertFilled(lease.bytes(), 4);
      }
      long given = pool.allocate();
      assertThat(pool.fillingOnDevice(given)).isPresent();
      pool.discard(given);
    }
  }

  @Test
  void refusesATierThatDoesNotFitOnTheDevice() {
    long free = device().driver().freeMemory();
    assertThatThrownBy(() -> device().slots(free + (1L << 30), SLOT, 0))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not fit")
        .hasMessageContaining("make the tier smaller");
  }

  @Test
  void roundsUpAndDownAsNativeMemoryDoes() {
    SlotMemory slots = device().slots(10 * SLOT + 100, 5000, 0);
    assertThat(slots.slotCount()).isEqualTo(10);
    assertThat(slots.slotBytes()).isEqualTo(SLOT);
    slots.close();
    slots.close();
  }

  static void fill(MemorySegment bytes, int seed) {
    for (long at = 0; at < bytes.byteSize(); at += 8) {
      bytes.set(ValueLayout.JAVA_LONG, at, seed * 1_000_003L + at);
    }
  }

  static void assertFilled(MemorySegment bytes, int seed) {
    for (long at = 0; at < bytes.byteSize(); at += 8) {
      assertThat(bytes.get(ValueLayout.JAVA_LONG, at)).isEqualTo(seed * 1_000_003L + at);
    }
  }
}
