package dev.varve.store.hot;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * The bytes behind the slots of a {@link HotPool}. Thread-safe, given what the pool sees to: one
 * owner fills a slot, publishes it once or gives it back, and nobody views a slot that is not
 * published.
 */
public interface SlotMemory extends AutoCloseable {

  /** Slots, at least one and at most {@link HotPool#MAX_SLOTS}. */
  int slotCount();

  /** Bytes of one slot. */
  long slotBytes();

  /** Host memory to fill; the same until the slot is published or released. */
  MemorySegment fill(int slot);

  /**
   * Where kernels fill a slot that is not published, on its device: what was filled in host memory
   * so far is there, and that memory is valid no more. {@link #fill} brings it back. Empty where
   * the slots lie in native memory.
   */
  OptionalLong fillOnDevice(int slot);

  /** Whether kernels filled the slot last, and nobody its host memory. */
  boolean filledOnDevice(int slot);

  /** What was filled is what the slot holds from here on, until it is released. */
  void publish(int slot);

  /** What a published slot holds, valid until the matching {@link #endView}, or its release. */
  MemorySegment view(int slot);

  /** Ends one view. */
  void endView(int slot);

  /** Forgets what was filled or published; nobody uses the slot any more. */
  void release(int slot);

  /**
   * Where the slot lies on a device, for work that is ordered after what was published; empty where
   * it lies in native memory.
   */
  OptionalLong deviceAddress(int slot);

  /** Frees the memory. Idempotent. */
  @Override
  void close();
}
