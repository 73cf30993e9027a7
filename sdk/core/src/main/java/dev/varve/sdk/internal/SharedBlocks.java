package dev.varve.sdk.internal;

import dev.varve.attention.SharedPrefixAttention;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The blocks of a session that forgot nothing, in token order: sealed chunks, which others may hold
 * too, and the growing tail. For one thread at a time.
 */
final class SharedBlocks {

  /** Sees the sealed blocks of a layer as they are attended. */
  @FunctionalInterface
  interface Reader {
    void show(int layer, MemorySegment bytes, int firstToken);
  }

  private final ModelGeometry geometry;
  private final List<Chunk> sealed;
  private final OpenTail tail;
  private final BlockView view;
  private final LayersAhead ahead;
  private final Reader reader;

  /**
   * @param sealed the session's chunks, as they come and go
   */
  SharedBlocks(
      ModelGeometry geometry,
      List<Chunk> sealed,
      OpenTail tail,
      BlockView view,
      LayersAhead ahead,
      Reader reader) {
    this.geometry = geometry;
    this.sealed = sealed;
    this.tail = tail;
    this.view = view;
    this.ahead = ahead;
    this.reader = reader;
  }

  /** Sealed chunks now. */
  int sealed() {
    return sealed.size();
  }

  /** The sealed chunk {@code at}. */
  Chunk chunk(int at) {
    return sealed.get(at);
  }

  /**
   * A step attends {@code layer} now.
   *
   * @param position of its first token
   * @param from first chunk that this session shows; others show those before it
   */
  void attending(int layer, int position, int from) {
    ahead.attending(layer, sealed, position, from);
  }

  /**
   * Has members attend to the sealed chunk {@code at}.
   *
   * @param layer one that stores blocks
   */
  void attendSealed(
      int at, int layer, SharedPrefixAttention attention, int fromMember, int toMember) {
    int span = geometry.blockTokens();
    int first = at * span;
    try {
      MemorySegment bytes = view.show(sealed.get(at), layer);
      attention.addBlock(bytes, geometry.block(layer), first, span, fromMember, toMember);
      reader.show(layer, bytes, first);
    } finally {
      view.end();
    }
  }

  /**
   * Has a member attend to the tail, of which it needs what lies before position {@code end}.
   *
   * @param layer one that stores blocks
   */
  void attendTail(int layer, SharedPrefixAttention attention, int member, int end) {
    int span = geometry.blockTokens();
    BlockGeometry block = geometry.block(layer);
    for (int first = sealed.size() * span; first < end; first += span) {
      int count = Math.min(span, end - first);
      if (attention.needs(member, first, count)) {
        MemorySegment bytes = tail.block(first / span - sealed.size(), layer);
        attention.addBlock(bytes, block, first, count, member, member + 1);
      }
    }
  }
}
