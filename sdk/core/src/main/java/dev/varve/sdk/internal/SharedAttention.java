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
        take(there, layer, shape.firstVisible(position + tokens - 1));
        attend(layer, there, position + tokens);
      } finally {
        try {
          there.end();
        } finally {
          lender.giveBack(there);
        }
      }
    } else {
      attendHere(layer, position + tokens);
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

  private void attend(int layer, DeviceAttention there, int end) {
    if (there.any()) {
      there.start();
    }
    attendHere(layer, end);
    if (there.any()) {
      there.merge(attention.attention(), 0);
    }
  }

  private void attendHere(int layer, int end) {
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
    blocks.attendTail(owner, here, 0, end);
  }
}
