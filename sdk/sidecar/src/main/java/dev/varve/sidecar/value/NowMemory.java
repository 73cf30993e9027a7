package dev.varve.sidecar.value;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.StoredBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Takes the memory for one value that is read at once, if the budget has it. For one thread. */
final class NowMemory implements LongFunction<Optional<MemorySegment>> {

  private final MemoryBudget budget;
  private final ByteBufAllocator allocator;
  private final long most;
  private @Nullable ByteBuf bytes;

  /**
   * @param most longest value that memory is taken for
   */
  NowMemory(MemoryBudget budget, ByteBufAllocator allocator, long most) {
    this.budget = budget;
    this.allocator = allocator;
    this.most = most;
  }

  @Override
  public Optional<MemorySegment> apply(long length) {
    if (length == 0 || length > most || !budget.tryReserve(length)) {
      return Optional.empty();
    }
    int capacity = Math.toIntExact(length);
    ByteBuf taken = allocator.directBuffer(capacity, capacity);
    bytes = taken;
    return Optional.of(MemorySegment.ofBuffer(taken.nioBuffer(0, capacity)));
  }

  /** What was filled; owned by the caller from now on. */
  StoredBytes value() {
    ByteBuf filled = Objects.requireNonNull(bytes, "no memory was taken");
    return LoadedValue.of(filled.writerIndex(filled.capacity()), budget);
  }

  /** Gives back what was taken, if anything. */
  void give() {
    if (bytes != null) {
      budget.release(bytes.capacity());
      bytes.release();
    }
  }
}
