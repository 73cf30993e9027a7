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
    Reservation reserved = new Reservation(memory, 0);
    reserved.take(bytes);
    return reserved;
  }

  /** Takes {@code more} bytes; refuses the request if they are not there. */
  void take(long more) {
    if (!memory.tryReserve(more)) {
      throw CommandException.coded(
          "OOM",
          "command not allowed when used memory > 'maxmemory': %d bytes are wanted, limits.memory is %d"
              .formatted(more, memory.total()));
    }
    bytes += more;
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
