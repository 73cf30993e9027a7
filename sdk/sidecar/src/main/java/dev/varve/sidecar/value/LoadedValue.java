package dev.varve.sidecar.value;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** A value that was read and checked to its end before anything of it is sent. */
final class LoadedValue implements StoredBytes {

  private final MemoryBudget budget;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private long remaining;

  private LoadedValue(MemoryBudget budget) {
    this.budget = budget;
  }

  /**
   * Reads all of {@code value} and closes it.
   *
   * @param budget of which the whole length was reserved already
   * @return nothing if it is damaged: then nothing remains reserved
   */
  static Optional<StoredBytes> of(
      StoredBytes value, MemoryBudget budget, ByteBufAllocator allocator) {
    LoadedValue loaded = new LoadedValue(budget);
    boolean whole = false;
    try {
      whole = loaded.addAll(value, allocator);
      return whole ? Optional.of(loaded) : Optional.empty();
    } finally {
      if (!whole) {
        loaded.close();
        budget.release(value.remaining());
      }
      value.close();
    }
  }

  /**
   * What was read and checked already.
   *
   * @param bytes owned by the result
   * @param budget of which their length was reserved already
   */
  static LoadedValue of(ByteBuf bytes, MemoryBudget budget) {
    LoadedValue loaded = new LoadedValue(budget);
    loaded.add(new Piece(bytes));
    return loaded;
  }

  private boolean addAll(StoredBytes value, ByteBufAllocator allocator) {
    while (value.remaining() > 0) {
      Optional<Piece> piece = value.read(allocator);
      if (piece.isEmpty()) {
        return false;
      }
      add(piece.get());
    }
    return true;
  }

  private void add(Piece piece) {
    int length = piece.bytes().readableBytes();
    remaining += length;
    pieces.add(new Piece(piece.bytes(), () -> budget.release(length)));
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public long wanted() {
    return 0;
  }

  @Override
  public Optional<Piece> read(ByteBufAllocator allocator) {
    Piece piece = pieces.remove();
    remaining -= piece.bytes().readableBytes();
    return Optional.of(piece);
  }

  @Override
  public boolean readAll(MemorySegment target) {
    for (long at = 0; !pieces.isEmpty(); ) {
      ByteBuf bytes = pieces.element().bytes();
      int length = bytes.readableBytes();
      target.asSlice(at, length).copyFrom(MemorySegment.ofBuffer(bytes.nioBuffer()));
      at += length;
      drop(pieces.remove());
    }
    remaining = 0;
    return true;
  }

  @Override
  public void close() {
    pieces.forEach(LoadedValue::drop);
    pieces.clear();
  }

  private static void drop(Piece piece) {
    piece.bytes().release();
    piece.written().run();
  }
}
