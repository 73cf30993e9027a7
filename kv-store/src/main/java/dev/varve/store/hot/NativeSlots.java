package dev.varve.store.hot;

import dev.varve.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/** Slots in native memory, filled and read in place. */
final class NativeSlots implements SlotMemory {
  private final Arena arena;
  private final MemorySegment[] slots;
  private final long slotBytes;

  private NativeSlots(Arena arena, MemorySegment[] slots, long slotBytes) {
    this.arena = arena;
    this.slots = slots;
    this.slotBytes = slotBytes;
  }

  /** Takes and touches all of the memory. */
  static NativeSlots open(long capacityBytes, long blockBytes) {
    SlotCount count = SlotCount.of(capacityBytes, blockBytes);
    Arena arena = Arena.ofShared();
    MemorySegment memory = reserve(arena, count.bytes());
    MemorySegment[] slots = new MemorySegment[count.slots()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = memory.asSlice(i * count.slotBytes(), count.slotBytes());
    }
    return new NativeSlots(arena, slots, count.slotBytes());
  }

  private static MemorySegment reserve(Arena arena, long bytes) {
    try {
      return arena.allocate(bytes, SlotCount.ALIGNMENT);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new StoreException(
          "the machine has no " + bytes + " bytes of memory for the hot tier: make it smaller", e);
    }
  }

  @Override
  public int slotCount() {
    return slots.length;
  }

  @Override
  public long slotBytes() {
    return slotBytes;
  }

  @Override
  public MemorySegment fill(int slot) {
    return slots[slot];
  }

  @Override
  public OptionalLong fillOnDevice(int slot) {
    return OptionalLong.empty();
  }

  @Override
  public boolean filledOnDevice(int slot) {
    return false;
  }

  @Override
  public void publish(int slot) {}

  @Override
  public MemorySegment view(int slot) {
    return slots[slot];
  }

  @Override
  public void endView(int slot) {}

  @Override
  public void release(int slot) {}

  @Override
  public OptionalLong deviceAddress(int slot) {
    return OptionalLong.empty();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
