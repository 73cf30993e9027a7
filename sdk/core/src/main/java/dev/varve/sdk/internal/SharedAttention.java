package dev.varve.sdk.internal;

import dev.varve.attention.SharedPrefixAttention;
import dev.varve.sdk.internal.device.DeviceAttention;
import dev.varve.sdk.internal.device.DeviceAttentions;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.util.BitSet;
import java.util.Optional;

/**
 * Exact attention of a session that forgot nothing. Blocks that lie on a device are attended there,
 * where it has a kernel for the layer; the processor attends to the others meanwhile, and both
 * merge. For one thread at a time.
 */
final class SharedAttention {

  private final ModelGeometry geometry;
  private final SharedBlocks blocks;
  private final LayerAttention attention;
  private final Optional<DeviceAttentions> device;
  private final BitSet onDevice = new BitSet();

  /**
   * @param attention between the engine's tensors and the blocks
   * @param device where the hot tier lies; empty to attend on the processor alone
   */
  SharedAttention(
      ModelGeometry geometry,
      SharedBlocks blocks,
      LayerAttention attention,
      Optional<DeviceAttentions> device) {
    this.geometry = geometry;
    this.blocks = blocks;
    this.attention = attention;
    this.device = device;
  }

  /** Whether blocks of {@code layer} are attended on the device. */
  boolean onDevice(int layer) {
    return device.isPresent() && device.get().serves(layer) && !blocks.shown();
  }

  /** Attends the queries that were gathered, of {@code tokens} tokens from {@code position} on. */
  void attend(int layer, int position, int tokens) {
    LayerShape shape = geometry.shape().layers().get(layer);
    attention.start(shape, position, tokens);
    blocks.attending(layer, position, 0);
    onDevice.clear();
    if (onDevice(layer)) {
      DeviceAttentions lender = device.orElseThrow();
      DeviceAttention there = lender.borrow();
      try {
        there.begin(layer, attention.queries(), tokens);
        int visible = shape.firstVisible(position + tokens - 1);
        take(there, layer, visible);
        boolean tail = takeTail(there, layer, visible, position + tokens);
        attend(layer, there, position, tokens, tail);
      } finally {
        try {
          there.end();
        } finally {
          lender.giveBack(there);
        }
      }
    } else {
      attendHere(layer, position + tokens, false);
    }
    attention.finish();
  }

  /** Has the device take the hot blocks that every query sees as a whole. */
  private void take(DeviceAttention there, int layer, int firstVisible) {
    int owner = geometry.shape().ownerOf(layer);
    for (int i = 0; i < blocks.sealed(); i++) {
      if (i * geometry.blockTokens() >= firstVisible && there.take(blocks.chunk(i), owner)) {
        onDevice.set(i);
        blocks.attendedElsewhere(owner);
      }
    }
  }

  /**
   * Has the device take the growing end, if all of it lies there and every query sees its front.
   */
  private boolean takeTail(DeviceAttention there, int layer, int firstVisible, int end) {
    if (blocks.sealed() * geometry.blockTokens() < firstVisible) {
      return false;
    }
    long[] addresses = blocks.tailOnDevice(geometry.shape().ownerOf(layer), end);
    for (long address : addresses) {
      there.takeTail(address);
    }
    return addresses.length > 0;
  }

  private void attend(int layer, DeviceAttention there, int position, int tokens, boolean tail) {
    if (there.any()) {
      there.start(tail ? position + 1 - blocks.sealed() * geometry.blockTokens() : 0);
    }
    attendHere(layer, position + tokens, tail);
    if (there.any()) {
      there.merge(attention.attention(), 0);
    }
  }

  private void attendHere(int layer, int end, boolean tailElsewhere) {
    int owner = geometry.shape().ownerOf(layer);
    int span = geometry.blockTokens();
    SharedPrefixAttention here = attention.attention();
    for (int i = 0; i < blocks.sealed(); i++) {
      if (onDevice.get(i)) {
        here.addElsewhere(i * span, span, 0, 1);
      } else if (here.needs(0, i * span, span)) {
        blocks.attendSealed(i, owner, here, 0, 1);
      }
    }
    if (tailElsewhere) {
      int first = blocks.sealed() * span;
      here.addElsewhere(first, end - first, 0, 1);
    } else {
      blocks.attendTail(owner, here, 0, end);
    }
  }
}
