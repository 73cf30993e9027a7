package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.memory.MemoryBudget;

/** Memory that a request holds while it runs; what is handed on is given back by others. */
final class Reservation implements AutoCloseable {

  private final MemoryBudget memory;
  private long bytes;

  private Reservation(MemoryBudget memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  /** Takes {@code bytes}; refuses the request if they are not there. */
  static Reservation of(MemoryBudget memory, long bytes) {
    if (!memory.tryReserve(bytes)) {
      throw CommandException.coded(
          "OOM",
          "command not allowed when used memory > 'maxmemory': %d bytes are wanted, limits.memory is %d"
              .formatted(bytes, memory.total()));
    }
    return new Reservation(memory, bytes);
  }

  /** Takes {@code count} of them out: who has them now gives them back. */
  void handOn(long count) {
    if (count > bytes) {
      throw new IllegalArgumentException(
          "%d bytes are handed on, reserved are %d".formatted(count, bytes));
    }
    bytes -= count;
  }

  @Override
  public void close() {
    memory.release(bytes);
    bytes = 0;
  }
}
