package dev.varve.sdk.internal;

import dev.varve.store.ModelGeometry;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ObjIntConsumer;

/**
 * The growing end of a session: for every span of block length that is not sealed yet, one hot slot
 * per layer that stores blocks. Between steps it is at most one span; during a step there may be
 * more. For one thread at a time.
 */
public final class OpenTail {

  private final HotPool pool;
  private final HotSlots slots;
  private final ModelGeometry geometry;
  private final List<long[]> spans = new ArrayList<>();

  OpenTail(CacheParts parts, HotSlots slots) {
    this.pool = parts.tiers().hot();
    this.geometry = parts.tiers().geometry();
    this.slots = slots;
  }

  int spans() {
    return spans.size();
  }

  /** Grows to {@code count} spans, or throws and stays as it is. */
  void grow(int count) {
    int missing = count - spans.size();
    if (missing <= 0) {
      return;
    }
    int layers = geometry.shape().layerCount();
    long[] taken = slots.take(Math.multiplyExact(missing, geometry.owningLayers()));
    int next = 0;
    for (int span = 0; span < missing; span++) {
      long[] handles = new long[layers];
      for (int layer = 0; layer < layers; layer++) {
        handles[layer] = geometry.shape().owns(layer) ? taken[next++] : HotPool.NO_SLOT;
      }
      spans.add(handles);
    }
  }

  /** Memory of one growing block. */
  public MemorySegment block(int span, int layer) {
    return pool.filling(spans.get(span)[layer]);
  }

  /** Where kernels fill a growing block: see {@link HotPool#fillingOnDevice}. */
  OptionalLong blockOnDevice(int span, int layer) {
    return pool.fillingOnDevice(spans.get(span)[layer]);
  }

  /** Whether kernels filled a growing block last. */
  boolean filledOnDevice(int span, int layer) {
    return pool.filledOnDevice(spans.get(span)[layer]);
  }

  /**
   * Replaces all spans by one whose blocks {@code fill} writes, given each block and its layer;
   * holds no span if that throws.
   */
  void restart(ObjIntConsumer<MemorySegment> fill) {
    shrink(0);
    grow(1);
    try {
      forEachBlock(0, fill);
    } catch (RuntimeException e) {
      shrink(0);
      throw e;
    }
  }

  /** Copies the first span into the first span of {@code other}. */
  void copyFirst(OpenTail other) {
    forEachBlock(0, (block, layer) -> other.block(0, layer).copyFrom(block));
  }

  /** Shows the blocks of one span, each with its layer. */
  void forEachBlock(int span, ObjIntConsumer<MemorySegment> visitor) {
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        visitor.accept(block(span, layer), layer);
      }
    }
  }

  /**
   * Hands the slots of the first span, now full, to the caller; the next span becomes the first.
   */
  long[] takeFirst() {
    return spans.removeFirst();
  }

  /** Gives back all spans from {@code count} on. */
  void shrink(int count) {
    while (spans.size() > count) {
      for (long handle : spans.removeLast()) {
        if (handle != HotPool.NO_SLOT) {
          pool.discard(handle);
        }
      }
    }
  }
}
