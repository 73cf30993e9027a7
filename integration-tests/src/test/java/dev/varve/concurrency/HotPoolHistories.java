package dev.varve.concurrency;

import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * A pool of three slots. One holds a block that threads lease and retire; the others are taken and
 * given back, and so is the first once it is retired.
 */
@Param(name = "thread", gen = ThreadIdGen.class)
public class HotPoolHistories {

  private static final int SLOTS = 3;
  private static final int THREADS = 8;
  private static final long BLOCK_BYTES = 4096;
  private static final long MARK = 0x5eed;

  private final HotPool pool = new HotPool(SLOTS * BLOCK_BYTES, BLOCK_BYTES);
  private final BlockLease[] leases = new BlockLease[THREADS];
  private final boolean[] leased = new boolean[THREADS];
  private final long[] taken = new long[THREADS];
  private final long block = pool.allocate();

  public HotPoolHistories() {
    for (int thread = 0; thread < THREADS; thread++) {
      leases[thread] = pool.newLease();
      taken[thread] = HotPool.NO_SLOT;
    }
    pool.filling(block).set(ValueLayout.JAVA_LONG, 0, MARK);
    pool.publish(block);
  }

  /** The block's bytes, or -1 if it is gone; the lease stays. */
  @Operation
  public long lease(@Param(name = "thread") int thread) {
    if (!leased[thread]) {
      leased[thread] = leases[thread].take(block);
    }
    return leased[thread] ? leases[thread].bytes().get(ValueLayout.JAVA_LONG, 0) : -1;
  }

  @Operation
  public void end(@Param(name = "thread") int thread) {
    leased[thread] = false;
    leases[thread].close();
  }

  @Operation
  public boolean retire() {
    return pool.retire(block);
  }

  /**
   * Takes a slot, if there is one, and overwrites it. Not whether there was one: a slot that is
   * being given back is for a moment neither readable nor free.
   */
  @Operation
  public void take(@Param(name = "thread") int thread) {
    if (taken[thread] == HotPool.NO_SLOT) {
      taken[thread] = pool.allocate();
      if (taken[thread] != HotPool.NO_SLOT) {
        pool.filling(taken[thread]).set(ValueLayout.JAVA_LONG, 0, thread);
      }
    }
  }

  /** Whether nobody else wrote to the slot meanwhile. */
  @Operation
  public boolean giveBack(@Param(name = "thread") int thread) {
    boolean untouched = true;
    if (taken[thread] != HotPool.NO_SLOT) {
      MemorySegment bytes = pool.filling(taken[thread]);
      untouched = bytes.get(ValueLayout.JAVA_LONG, 0) == thread;
      pool.discard(taken[thread]);
      taken[thread] = HotPool.NO_SLOT;
    }
    return untouched;
  }

  /** Ends a run: with every lease over no slot is missing, and the pool can be closed. */
  @Validate
  public void close() {
    for (int thread = 0; thread < THREADS; thread++) {
      end(thread);
      check(giveBack(thread), "two threads held one slot");
    }
    pool.retire(block);
    for (int slot = 0; slot < SLOTS; slot++) {
      check(pool.allocate() != HotPool.NO_SLOT, "a slot is missing");
    }
    check(pool.allocate() == HotPool.NO_SLOT, "there is a slot too many");
    pool.close();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
