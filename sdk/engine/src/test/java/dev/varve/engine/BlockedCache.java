package dev.varve.engine;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.ExactAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A cache inside the engine and nothing more: the blocks of each layer in a list, with the kernels
 * and the block partition of the SDK but none of its tiers. What the SDK computes must equal this
 * bit for bit.
 */
final class BlockedCache implements LayerAttention {

  private final ModelGeometry geometry;
  private final DtypeKernel dtype;
  private final ExactAttention attention;
  private final List<List<MemorySegment>> blocks = new ArrayList<>();
  private final int[] lengths;

  BlockedCache(ModelGeometry geometry, Backend backend) {
    this.geometry = geometry;
    this.dtype = DtypeKernel.of(backend, geometry.shape().dtype());
    this.attention = new ExactAttention(AttentionKernel.of(backend));
    this.lengths = new int[geometry.shape().layerCount()];
    for (int layer = 0; layer < lengths.length; layer++) {
      blocks.add(new ArrayList<>());
    }
  }

  @Override
  public void attend(int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out) {
    int position = lengths[layer];
    for (int t = 0; t < k.tokens(); t++) {
      append(layer, k, v, t);
    }
    LayerShape shape = geometry.shape().layers().get(layer);
    attention.start(shape, floats(q), 0, position, q.tokens());
    int span = geometry.blockTokens();
    for (int first = 0; first < lengths[layer]; first += span) {
      MemorySegment block = blocks.get(layer).get(first / span);
      int tokens = Math.min(span, lengths[layer] - first);
      attention.addBlock(block, geometry.block(layer), first, tokens);
    }
    float[] result = new float[q.tokens() * shape.queryHeads() * shape.valueDim()];
    attention.finish(result, 0);
    MemorySegment.copy(result, 0, out.memory(), ValueLayout.JAVA_FLOAT, 0, result.length);
  }

  private void append(int layer, EngineTensor k, EngineTensor v, int t) {
    BlockGeometry block = geometry.block(layer);
    int at = lengths[layer]++ % geometry.blockTokens();
    if (at == 0) {
      blocks.get(layer).add(Arena.ofAuto().allocate(block.bytes(), BlockGeometry.ALIGNMENT));
    }
    MemorySegment bytes = blocks.get(layer).getLast();
    for (int head = 0; head < block.kvHeads(); head++) {
      int from = (t * block.kvHeads() + head) * block.keyDim();
      dtype.store(floats(k), from, block.keyDim(), bytes, block.keyOffset(head, at));
      dtype.store(floats(v), from, block.valueDim(), bytes, block.valueOffset(head, at));
    }
  }

  private static float[] floats(EngineTensor tensor) {
    return (float[]) tensor.memory().heapBase().orElseThrow();
  }
}
