package dev.varve.store.hot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every hot pool does, whatever memory its slots lie in. */
public abstract class HotPoolContract {

  private static final long BLOCK = 5000;

  private HotPool pool;

  /** A new pool of slots of 8192 bytes. */
  protected abstract HotPool open(long capacityBytes, long blockBytes);

  @BeforeEach
  void openThePool() {
    pool = open(10 * 8192 + 100, BLOCK);
  }

  @AfterEach
  void noLeaseIsLeftOpen() {
    assertThat(pool.openLeases()).isZero();
    pool.close();
    closed();
  }

  /** Called after every test, when its pool is closed. */
  protected void closed() {}

  @Test
  void roundsSlotsUpAndTheirNumberDown() {
    assertThat(pool.slotBytes()).isEqualTo(8192);
    assertThat(pool.slotCount()).isEqualTo(10);
    assertThat(pool.freeSlots()).isEqualTo(10);
  }

  @Test
  void givesEverySlotOnceAndThenNone() {
    List<Long> handles = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      handles.add(pool.allocate());
    }
    assertThat(handles).doesNotHaveDuplicates().doesNotContain(HotPool.NO_SLOT);
    assertThat(pool.allocate()).isEqualTo(HotPool.NO_SLOT);
    pool.discard(handles.get(3));
    assertThat(pool.freeSlots()).isEqualTo(1);
    assertThat(pool.allocate()).isNotEqualTo(HotPool.NO_SLOT).isNotIn(handles);
  }

  @Test
  void showsABlockOnlyAfterItWasPublished() {
    long handle = pool.allocate();
    pool.filling(handle).set(ValueLayout.JAVA_LONG, 0, 42);
    try (BlockLease lease = pool.newLease()) {
      assertThat(lease.take(handle)).isFalse();
      pool.publish(handle);
      assertThat(lease.take(handle)).isTrue();
      assertThat(lease.bytes().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
    }
    assertThatThrownBy(() -> pool.filling(handle)).hasMessageContaining("not filling");
    assertThatThrownBy(() -> pool.publish(handle)).hasMessageContaining("not filling");
  }

  @Test
  void keepsALeasedBlock() {
    long handle = published();
    try (BlockLease second = pool.newLease()) {
      try (BlockLease first = pool.newLease()) {
        assertThat(first.take(handle)).isTrue();
        assertThat(second.take(handle)).isTrue();
        assertThat(pool.retire(handle)).isFalse();
      }
      assertThat(pool.retire(handle)).isFalse();
      assertThat(pool.leased(handle)).isTrue();
    }
    assertThat(pool.retire(handle)).isTrue();
    assertThat(pool.freeSlots()).isEqualTo(10);
  }

  @Test
  void refusesAHandleOfAnEarlierLife() {
    long old = published();
    assertThat(pool.retire(old)).isTrue();
    for (int i = 0; i < 10; i++) {
      pool.publish(pool.allocate());
    }
    try (BlockLease lease = pool.newLease()) {
      assertThat(lease.take(old)).isFalse();
    }
    assertThat(pool.retire(old)).isFalse();
    assertThatThrownBy(() -> pool.resident(old)).hasMessageContaining("not resident");
  }

  @Test
  void refusesToReadThroughALeaseThatHasEnded() {
    BlockLease lease = pool.newLease();
    assertThatThrownBy(lease::bytes).isInstanceOf(IllegalStateException.class);
    assertThat(lease.take(published())).isTrue();
    assertThatThrownBy(() -> lease.take(published())).hasMessageContaining("still holds");
    lease.close();
    lease.close();
    assertThatThrownBy(lease::bytes).hasMessageContaining("has ended");
  }

  @Test
  void refusesToCloseWhileALeaseIsOpen() {
    long handle = published();
    try (BlockLease lease = pool.newLease()) {
      assertThat(lease.take(handle)).isTrue();
      assertThatThrownBy(pool::close).hasMessageContaining("1 leases are open");
    }
    pool.close();
    pool.close();
    assertThatThrownBy(pool::allocate).hasMessageContaining("closed");
  }

  @Test
  void refusesATierSmallerThanOneBlock() {
    assertThatThrownBy(() -> open(4096, 8192))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("4096")
        .hasMessageContaining("8192");
  }

  @Test
  void neverShowsTwoOwnersOneSlot() throws Exception {
    long seed = 20261121;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> owners = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int owner = t;
        owners.add(() -> churn(owner, new SplittableRandom(seed + owner)));
      }
      for (Future<Integer> wrong : threads.invokeAll(owners)) {
        assertThat(wrong.get()).as("foreign values seen, seed %d", seed).isZero();
      }
    }
    assertThat(pool.freeSlots()).isEqualTo(10);
  }

  private int churn(int owner, SplittableRandom random) {
    int wrong = 0;
    BlockLease lease = pool.newLease();
    for (int i = 0; i < 20_000; i++) {
      long handle = pool.allocate();
      if (handle == HotPool.NO_SLOT) {
        continue;
      }
      long value = random.nextLong(1L << 40) * 4 + owner;
      pool.filling(handle).set(ValueLayout.JAVA_LONG, 0, value);
      if (random.nextInt(4) == 0) {
        pool.discard(handle);
        continue;
      }
      pool.publish(handle);
      if (!lease.take(handle) || lease.bytes().get(ValueLayout.JAVA_LONG, 0) != value) {
        wrong++;
      }
      lease.close();
      wrong += pool.retire(handle) ? 0 : 1;
    }
    return wrong;
  }

  private long published() {
    long handle = pool.allocate();
    pool.publish(handle);
    return handle;
  }
}
