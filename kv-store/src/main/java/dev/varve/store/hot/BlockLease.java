package dev.varve.store.hot;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A claim on a resident block. While it is held the block neither moves nor is overwritten.
 * Reusable: taking, ending and taking again allocates nothing. For one thread at a time.
 */
public final class BlockLease implements AutoCloseable {

  private final HotPool pool;
  private long handle = HotPool.NO_SLOT;
  private @Nullable MemorySegment view;

  BlockLease(HotPool pool) {
    this.pool = pool;
  }

  /**
   * Claims the block named by {@code handle}.
   *
   * @return false if the block is no longer resident: it must be read from a lower tier
   */
  public boolean take(long handle) {
    if (this.handle != HotPool.NO_SLOT) {
      throw new IllegalStateException(
          "the lease still holds a block: end it before taking another");
    }
    if (handle == HotPool.NO_SLOT || !pool.acquire(handle)) {
      return false;
    }
    this.handle = handle;
    return true;
  }

  /**
   * The whole slot; valid until {@link #close}. Where the slot lies on a device, a copy that the
   * first call of this lease waits for.
   */
  public MemorySegment bytes() {
    checkHeld();
    if (view == null) {
      view = pool.view(handle);
    }
    return view;
  }

  /**
   * Where the slot lies on its device, for a stream that waits for the uploads before it; empty
   * where the slot lies in native memory.
   */
  public OptionalLong deviceAddress() {
    checkHeld();
    return pool.deviceAddress(handle);
  }

  private void checkHeld() {
    if (handle == HotPool.NO_SLOT) {
      throw new IllegalStateException("the lease has ended: take it before reading");
    }
  }

  /** Ends the claim. Idempotent. */
  @Override
  public void close() {
    if (handle != HotPool.NO_SLOT) {
      long held = handle;
      handle = HotPool.NO_SLOT;
      if (view != null) {
        view = null;
        pool.endView(held);
      }
      pool.release(held);
    }
  }
}
