package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.value.ComputedValue;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes numbers into parts of a reply, in memory that the budget grants and gets back as they are
 * sent. What was made for a reply that there will not be is dropped. For one request.
 */
final class ResultMemory {

  private final MemoryBudget memory;
  private final Reservation reserved;
  private final List<ComputedValue> made = new ArrayList<>();

  /**
   * @param reserved of the request, through which memory is taken
   */
  ResultMemory(MemoryBudget memory, Reservation reserved) {
    this.memory = memory;
    this.reserved = reserved;
  }

  /** A bulk string of floats; refuses the request if there is no room. */
  Reply numbers(float... numbers) {
    reserved.take(ComputedValue.bytes(numbers.length));
    return made(ComputedValue.of(numbers, memory, PooledByteBufAllocator.DEFAULT));
  }

  /** The same of whole numbers. */
  Reply numbers(int... numbers) {
    reserved.take(ComputedValue.bytes(numbers.length));
    return made(ComputedValue.of(numbers, memory, PooledByteBufAllocator.DEFAULT));
  }

  private Reply made(ComputedValue value) {
    reserved.handOn(value.remaining());
    made.add(value);
    return new Reply.Stored(value);
  }

  /** Drops what was made so far. */
  void drop() {
    made.forEach(ComputedValue::close);
    made.clear();
  }
}
