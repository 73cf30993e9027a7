package dev.varve.sidecar.value;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Numbers that were computed for a reply, 4 bytes each, little-endian, in memory that is given back
 * to the budget as they are written or dropped.
 */
public final class ComputedValue implements StoredBytes {

  private final ByteBuf bytes;
  private final MemoryBudget budget;

  private ComputedValue(ByteBuf bytes, MemoryBudget budget) {
    this.bytes = bytes;
    this.budget = budget;
  }

  /** Bytes that so many numbers take. */
  public static long bytes(long numbers) {
    return numbers * Float.BYTES;
  }

  /**
   * A copy of {@code numbers}.
   *
   * @param budget of which {@link #bytes} were reserved; they are this value's from here on
   */
  public static ComputedValue of(float[] numbers, MemoryBudget budget, ByteBufAllocator allocator) {
    ByteBuf bytes = empty(numbers.length, allocator);
    for (float number : numbers) {
      bytes.writeFloatLE(number);
    }
    return new ComputedValue(bytes, budget);
  }

  /** The same of whole numbers. */
  public static ComputedValue of(int[] numbers, MemoryBudget budget, ByteBufAllocator allocator) {
    ByteBuf bytes = empty(numbers.length, allocator);
    for (int number : numbers) {
      bytes.writeIntLE(number);
    }
    return new ComputedValue(bytes, budget);
  }

  private static ByteBuf empty(int numbers, ByteBufAllocator allocator) {
    int length = Math.toIntExact(bytes(numbers));
    return allocator.directBuffer(length, length);
  }

  @Override
  public long remaining() {
    return bytes.readableBytes();
  }

  @Override
  public long wanted() {
    return 0;
  }

  @Override
  public Optional<Piece> read(ByteBufAllocator allocator) {
    int length = (int) Math.min(remaining(), Argument.PIECE_BYTES);
    return Optional.of(new Piece(bytes.readRetainedSlice(length), () -> budget.release(length)));
  }

  @Override
  public boolean readAll(MemorySegment target) {
    int length = bytes.readableBytes();
    target.copyFrom(MemorySegment.ofBuffer(bytes.nioBuffer()));
    bytes.skipBytes(length);
    budget.release(length);
    return true;
  }

  @Override
  public void close() {
    budget.release(remaining());
    bytes.release();
  }
}
