package dev.varve.sidecar.value;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A value that was read and checked to its end before anything of it is sent, so that damage can
 * still be answered as a miss.
 */
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
   * @return nothing if it is damaged or there is no memory for it
   */
  static Optional<StoredBytes> of(
      StoredBytes value, MemoryBudget budget, ByteBufAllocator allocator) {
    LoadedValue loaded = new LoadedValue(budget);
    try (value) {
      while (value.remaining() > 0) {
        if (!loaded.load(value, allocator)) {
          loaded.close();
          return Optional.empty();
        }
      }
      return Optional.of(loaded);
    }
  }

  private boolean load(StoredBytes value, ByteBufAllocator allocator) {
    long wanted = value.wanted();
    if (!budget.tryReserve(wanted)) {
      return false;
    }
    Optional<Piece> piece = value.read(allocator);
    if (piece.isEmpty()) {
      budget.release(wanted);
      return false;
    }
    remaining += piece.get().bytes().readableBytes();
    pieces.add(new Piece(piece.get().bytes(), () -> budget.release(wanted)));
    return true;
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
    throw new IllegalStateException("small values are not loaded ahead");
  }

  @Override
  public void close() {
    pieces.forEach(piece -> {
      piece.bytes().release();
      piece.written().run();
    });
    pieces.clear();
  }
}
