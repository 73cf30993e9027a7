package dev.varve.sdk.internal;

import dev.varve.attention.SharedPrefixAttention;
import dev.varve.compression.EncodedHeads;
import dev.varve.sdk.internal.far.BlockSink;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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

  private static final long[] NOWHERE = {};

  private final ModelGeometry geometry;
  private final List<Chunk> sealed;
  private final OpenTail tail;
  private final BlockView view;
  private final LayersAhead ahead;
  private final @Nullable Reader reader;
  private final Sink sink = new Sink();

  /**
   * @param sealed the session's chunks, as they come and go
   * @param reader sees what is attended as raw blocks; null if nobody does
   */
  SharedBlocks(
      ModelGeometry geometry,
      List<Chunk> sealed,
      OpenTail tail,
      BlockView view,
      LayersAhead ahead,
      @Nullable Reader reader) {
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

  /** Whether somebody besides attention sees the sealed blocks that are attended. */
  boolean shown() {
    return reader != null;
  }

  /** A hot block of {@code layer} is attended without being shown. */
  void attendedElsewhere(int layer) {
    view.hotRead(layer);
  }

  /**
   * Has members attend to the sealed chunk {@code at}.
   *
   * @param layer one that stores blocks
   */
  void attendSealed(
      int at, int layer, SharedPrefixAttention attention, int fromMember, int toMember) {
    int first = at * geometry.blockTokens();
    sink.block = geometry.block(layer);
    sink.attention = attention;
    sink.first = first;
    sink.fromMember = fromMember;
    sink.toMember = toMember;
    try {
      if (reader == null) {
        view.attend(sealed.get(at), layer, sink);
      } else {
        MemorySegment bytes = view.show(sealed.get(at), layer);
        sink.raw(bytes);
        reader.show(layer, bytes, first);
      }
    } finally {
      view.end();
      sink.attention = null;
    }
  }

  /** Attends to one block for some members. */
  private static final class Sink implements BlockSink {

    private @Nullable BlockGeometry block;
    private @Nullable SharedPrefixAttention attention;
    private int first;
    private int fromMember;
    private int toMember;

    private SharedPrefixAttention attention() {
      return Objects.requireNonNull(attention, "attention");
    }

    @Override
    public int queries() {
      return attention().queries(fromMember, toMember);
    }

    @Override
    public boolean chosenRows() {
      return false;
    }

    @Override
    public void raw(MemorySegment bytes) {
      BlockGeometry shape = Objects.requireNonNull(block, "block");
      attention().addBlock(bytes, shape, first, shape.tokens(), fromMember, toMember);
    }

    @Override
    public void encoded(EncodedHeads heads) {
      attention().addEncoded(heads, first, fromMember, toMember);
    }
  }

  /**
   * Where the growing blocks before position {@code end} lie on a device, in order; empty unless
   * kernels filled all of them last.
   */
  long[] tailOnDevice(int layer, int end) {
    int span = geometry.blockTokens();
    int count = (end + span - 1) / span - sealed.size();
    for (int i = 0; i < count; i++) {
      if (!tail.filledOnDevice(i, layer)) {
        return NOWHERE;
      }
    }
    return IntStream.range(0, count)
        .mapToLong(i -> tail.blockOnDevice(i, layer).orElseThrow())
        .toArray();
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
