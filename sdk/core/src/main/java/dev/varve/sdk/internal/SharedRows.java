package dev.varve.sdk.internal;

import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.sdk.internal.memory.SharedSums;
import dev.varve.sdk.internal.memory.Windows;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a session that forgot nothing yet: the same for every head, in sealed chunks and the
 * growing tail, up to the token that was said last. For one thread at a time.
 */
final class SharedRows implements RowSource {

  private final ModelGeometry geometry;
  private final List<Chunk> sealed;
  private final OpenTail tail;
  private final BlockView view;
  private final @Nullable SharedSums sums;
  private final int[] from;
  private int tokens;

  /**
   * @param sealed the session's chunks, as they come and go
   * @param sums attention that tokens received; null if nobody asks for it
   */
  SharedRows(
      ModelGeometry geometry,
      List<Chunk> sealed,
      OpenTail tail,
      BlockView view,
      @Nullable SharedSums sums) {
    this.geometry = geometry;
    this.sealed = sealed;
    this.tail = tail;
    this.view = view;
    this.sums = sums;
    this.from = new int[geometry.shape().layerCount()];
  }

  /**
   * The first {@code tokens} tokens, as far back as a layer's queries from {@code position} on
   * still read, from the border of a block on.
   */
  SharedRows upTo(int tokens, int position) {
    this.tokens = tokens;
    Windows.reach(geometry, position, from);
    return this;
  }

  @Override
  public int sums(int layer) {
    return sums != null && sums.complete(tokens) ? sums.layer(layer)[0].group() : 0;
  }

  @Override
  public float sum(int layer, int head, int row, int g) {
    if (sums == null) {
      throw new IllegalStateException("nobody asked for sums of attention");
    }
    return sums.layer(layer)[head].get(from[layer] + row, g);
  }

  @Override
  public int rows(int layer, int head) {
    return tokens - from[layer];
  }

  @Override
  public int position(int layer, int head, int row) {
    return from[layer] + row;
  }

  @Override
  public int first(int layer, int head, int row) {
    return position(layer, head, row);
  }

  @Override
  public float weight(int layer, int head, int row) {
    return 1;
  }

  @Override
  public boolean merged(int layer, int head) {
    return false;
  }

  @Override
  public int from(int layer) {
    return from[layer];
  }

  @Override
  public void visit(int layer, Visitor visitor) {
    int span = geometry.blockTokens();
    for (int at = from[layer]; at < tokens; at += span) {
      int count = Math.min(span, tokens - at);
      int block = at / span;
      if (block >= sealed.size()) {
        show(layer, tail.block(block - sealed.size(), layer), at, count, visitor);
        continue;
      }
      try {
        show(layer, view.show(sealed.get(block), layer), at, count, visitor);
      } finally {
        view.end();
      }
    }
  }

  private void show(int layer, MemorySegment bytes, int at, int count, Visitor visitor) {
    BlockGeometry block = geometry.block(layer);
    for (int head = 0; head < block.kvHeads(); head++) {
      visitor.rows(head, bytes, head, 0, at - from[layer], count);
    }
  }
}
