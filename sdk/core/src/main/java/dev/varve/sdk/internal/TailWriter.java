package dev.varve.sdk.internal;

import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.internal.device.DeviceAttention;
import dev.varve.sdk.internal.device.DeviceAttentions;
import dev.varve.sdk.internal.device.TensorStaging;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Writes the keys and values of a step into the growing end of a session: from the host, or from a
 * device straight to where the blocks lie there. For one thread at a time.
 */
final class TailWriter {

  private final ModelGeometry geometry;
  private final OpenTail tail;
  private final RowTranslator translator;
  private final TensorStaging staging;
  private final Optional<DeviceAttentions> device;

  /**
   * @param staging copies tensors of a device that cannot go straight
   * @param device copies rows there; empty if everything passes the host
   */
  TailWriter(
      ModelGeometry geometry,
      OpenTail tail,
      RowTranslator translator,
      TensorStaging staging,
      Optional<DeviceAttentions> device) {
    this.geometry = geometry;
    this.tail = tail;
    this.translator = translator;
    this.staging = staging;
    this.device = device;
  }

  /**
   * Writes rows of a layer.
   *
   * @param values not read where they are a prefix of the keys
   * @param first where the first row goes, counted from the first growing block
   * @param stays whether rows that lie on the device are attended there
   */
  void write(int layer, EngineTensor keys, EngineTensor values, int first, boolean stays) {
    BlockGeometry block = geometry.block(layer);
    if (stays && straight(keys, block) && straight(values, block)) {
      DeviceAttentions lender = device.orElseThrow();
      DeviceAttention there = lender.borrow();
      try {
        place(there, layer, keys, values, first);
      } finally {
        lender.giveBack(there);
      }
    } else if (block.valueIsPrefixOfKey()) {
      copy(layer, staging.fetched(keys), values, first);
    } else {
      staging.fetch(keys, values);
      copy(layer, staging.keys(), staging.values(), first);
    }
  }

  private boolean straight(EngineTensor tensor, BlockGeometry block) {
    long numbers =
        tensor.memory().address() | tensor.offset() | tensor.tokenStride() | tensor.headStride();
    return device.isPresent()
        && tensor.kind() == EngineTensor.Kind.DEVICE
        && tensor.dtype() == block.dtype()
        && numbers % DeviceAttention.PLACED_BYTES == 0;
  }

  private void place(
      DeviceAttention there, int layer, EngineTensor keys, EngineTensor values, int first) {
    int span = geometry.blockTokens();
    BlockGeometry block = geometry.block(layer);
    for (int done = 0; done < keys.tokens(); ) {
      int at = first + done;
      int count = Math.min(keys.tokens() - done, span - at % span);
      long to = tail.blockOnDevice(at / span, layer).orElseThrow();
      long keyStripe = (long) span * block.keyRowBytes();
      there.place(keys, done, count, to + block.keyOffset(0, at % span), keyStripe);
      long valueStripe = (long) span * block.valueRowBytes();
      there.place(values, done, count, to + block.valueOffset(0, at % span), valueStripe);
      done += count;
    }
  }

  private void copy(int layer, EngineTensor keys, EngineTensor values, int first) {
    int span = geometry.blockTokens();
    BlockGeometry block = geometry.block(layer);
    for (int done = 0; done < keys.tokens(); ) {
      int at = first + done;
      int count = Math.min(keys.tokens() - done, span - at % span);
      MemorySegment bytes = tail.block(at / span, layer);
      translator.writeKeys(keys, done, count, bytes, block, at % span);
      if (!block.valueIsPrefixOfKey()) {
        translator.writeValues(values, done, count, bytes, block, at % span);
      }
      done += count;
    }
  }
}
