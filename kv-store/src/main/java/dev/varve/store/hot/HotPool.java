package dev.varve.store.hot;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Memory cut into slots of one size, each holding one block: native memory, or memory of a device
 * behind the same calls ({@link SlotMemory}). All methods are thread-safe.
 *
 * <p>A slot is <em>free</em>, <em>filling</em> (owned by whoever allocated it, nobody else may read
 * it) or <em>resident</em> (immutable, readable under a lease). A handle names one life of a slot:
 * after the slot has been given back, old handles get no lease any more. While one thread gives a
 * slot back, others may for a moment find it neither readable nor free.
 */
public final class HotPool implements AutoCloseable {

  /** A handle that names nothing. */
  public static final long NO_SLOT = -1;

  /** Most slots a pool may have. */
  public static final int MAX_SLOTS = 1 << HotHandle.SLOT_BITS;

  private final SlotMemory memory;
  private final AtomicLongArray words;
  private final AtomicIntegerArray nextFree;
  private final FreeList free;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * Takes and touches native memory.
   *
   * @param capacityBytes memory to take, rounded down to whole slots
   * @param blockBytes largest block to be held
   */
  public HotPool(long capacityBytes, long blockBytes) {
    this(NativeSlots.open(capacityBytes, blockBytes));
  }

  /** Hands out the slots of {@code memory}, which is closed with the pool. */
  public HotPool(SlotMemory memory) {
    this.memory = memory;
    words = new AtomicLongArray(memory.slotCount());
    nextFree = new AtomicIntegerArray(memory.slotCount());
    free = new FreeList(nextFree);
  }

  /** Slots of this pool. */
  public int slotCount() {
    return words.length();
  }

  /** Slots that nobody holds. */
  public int freeSlots() {
    return free.size();
  }

  /** Bytes of one slot. */
  public long slotBytes() {
    return memory.slotBytes();
  }

  /** A slot to fill, or {@link #NO_SLOT} when none is free. */
  public long allocate() {
    checkOpen();
    int slot = free.pop();
    if (slot < 0) {
      return NO_SLOT;
    }
    long word = SlotWord.filling(words.get(slot));
    words.set(slot, word);
    return HotHandle.of(slot, SlotWord.generation(word));
  }

  /** Memory of a slot that the caller allocated and still fills. */
  public MemorySegment filling(long handle) {
    return memory.fill(fillingSlot(handle));
  }

  /**
   * Where kernels fill a slot that the caller allocated, on its device: see {@link
   * SlotMemory#fillOnDevice}. Their work must be done before anything else is asked of the slot.
   */
  public OptionalLong fillingOnDevice(long handle) {
    return memory.fillOnDevice(fillingSlot(handle));
  }

  /** Whether kernels filled such a slot last. */
  public boolean filledOnDevice(long handle) {
    return memory.filledOnDevice(fillingSlot(handle));
  }

  private int fillingSlot(long handle) {
    long word = words.get(HotHandle.slot(handle));
    if (!SlotWord.isFilling(word, HotHandle.generation(handle))) {
      throw new IllegalStateException("hot slot " + HotHandle.describe(handle) + " is not filling");
    }
    return HotHandle.slot(handle);
  }

  /** Makes a filled slot readable; its bytes never change from here on. */
  public void publish(long handle) {
    int slot = HotHandle.slot(handle);
    long word = words.get(slot);
    if (!SlotWord.isFilling(word, HotHandle.generation(handle))) {
      throw new IllegalStateException("hot slot " + HotHandle.describe(handle) + " is not filling");
    }
    memory.publish(slot);
    if (!words.compareAndSet(slot, word, SlotWord.resident(word))) {
      throw new IllegalStateException("hot slot " + HotHandle.describe(handle) + " is not filling");
    }
  }

  /** Gives back a slot that was never published. */
  public void discard(long handle) {
    int slot = HotHandle.slot(handle);
    if (!SlotWord.isFilling(words.get(slot), HotHandle.generation(handle))) {
      throw new IllegalStateException("hot slot " + HotHandle.describe(handle) + " is not filling");
    }
    memory.release(slot);
    words.updateAndGet(slot, SlotWord::retired);
    free.push(slot);
  }

  /**
   * Gives back a resident slot unless it is leased.
   *
   * @return whether the slot is free now; false leaves it as it was
   */
  public boolean retire(long handle) {
    int slot = HotHandle.slot(handle);
    long word = words.get(slot);
    if (!SlotWord.isResident(word, HotHandle.generation(handle))
        || SlotWord.leases(word) > 0
        || !words.compareAndSet(slot, word, SlotWord.retired(word))) {
      return false;
    }
    memory.release(slot);
    free.push(slot);
    return true;
  }

  /** Whether somebody reads this block now. */
  public boolean leased(long handle) {
    long word = words.get(HotHandle.slot(handle));
    return SlotWord.isResident(word, HotHandle.generation(handle)) && SlotWord.leases(word) > 0;
  }

  /**
   * Bytes of a resident block, for the one who alone may retire it and so needs no lease; valid
   * until the slot is given back.
   */
  public MemorySegment resident(long handle) {
    long word = words.get(HotHandle.slot(handle));
    if (!SlotWord.isResident(word, HotHandle.generation(handle))) {
      throw new IllegalStateException(
          "hot slot " + HotHandle.describe(handle) + " is not resident");
    }
    return view(handle);
  }

  /** A lease on nothing yet; reusable, for one thread at a time. */
  public BlockLease newLease() {
    return new BlockLease(this);
  }

  /** Leases open now, for tests and for {@link #close}. */
  public int openLeases() {
    int leases = 0;
    for (int i = 0; i < words.length(); i++) {
      leases += SlotWord.leases(words.get(i));
    }
    return leases;
  }

  boolean acquire(long handle) {
    int slot = HotHandle.slot(handle);
    while (open.get()) {
      long word = words.get(slot);
      if (!SlotWord.isResident(word, HotHandle.generation(handle))) {
        return false;
      }
      if (words.compareAndSet(slot, word, SlotWord.leased(word))) {
        return true;
      }
    }
    throw new IllegalStateException("the hot tier is closed");
  }

  void release(long handle) {
    int slot = HotHandle.slot(handle);
    words.updateAndGet(slot, SlotWord::released);
  }

  MemorySegment view(long handle) {
    return memory.view(HotHandle.slot(handle));
  }

  void endView(long handle) {
    memory.endView(HotHandle.slot(handle));
  }

  OptionalLong deviceAddress(long handle) {
    return memory.deviceAddress(HotHandle.slot(handle));
  }

  private void checkOpen() {
    if (!open.get()) {
      throw new IllegalStateException("the hot tier is closed");
    }
  }

  /** Frees the memory. Idempotent; refused while a lease is open. */
  @Override
  public void close() {
    int leases = openLeases();
    if (open.get() && leases > 0) {
      throw new IllegalStateException(
          "the hot tier cannot close while " + leases + " leases are open: end them first");
    }
    if (open.compareAndSet(true, false)) {
      memory.close();
    }
  }
}
