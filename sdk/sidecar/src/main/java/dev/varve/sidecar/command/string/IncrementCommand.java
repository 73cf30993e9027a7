package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Keys;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Decimal;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectLease;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** {@code INCR}, {@code DECR}, {@code INCRBY} and {@code DECRBY}: counts in a value, atomically. */
public final class IncrementCommand implements Command {

  private static final int LONGEST = 20;

  private final String name;
  private final boolean down;
  private final boolean by;

  /**
   * @param down whether it subtracts
   * @param by whether the amount is an argument; else it is 1
   */
  public IncrementCommand(String name, boolean down, boolean by) {
    this.name = name;
    this.down = down;
    this.by = by;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(
        name, by ? 3 : 2, "Adds to the whole number in a value.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long amount = by ? arguments.integer(2) : 1;
    if (down && amount == Long.MIN_VALUE) {
      throw CommandException.of("decrement would overflow");
    }
    byte[] key = arguments.key(1);
    while (true) {
      Optional<Long> counted = attempt(key, down ? -amount : amount, client.keys());
      if (counted.isPresent()) {
        return Reply.whole(counted.get());
      }
    }
  }

  private static Optional<Long> attempt(byte[] key, long amount, Keys keys) {
    long before = 0;
    CommitTerms terms = CommitTerms.PLAIN.ifAbsent();
    Optional<ObjectLease> lease = keys.lease(key);
    if (lease.isPresent()) {
      try (ObjectLease value = lease.get()) {
        terms = CommitTerms.PLAIN.keepingExpiry().ifVersion(value.info().version());
        Optional<Long> read = number(value);
        if (read.isEmpty()) {
          return Optional.empty();
        }
        before = read.get();
      }
    }
    long after = sum(before, amount);
    boolean stored = keys.put(key, Argument.of(Text.bytes(Long.toString(after))), terms);
    return stored ? Optional.of(after) : Optional.empty();
  }

  private static long sum(long before, long amount) {
    try {
      return Math.addExact(before, amount);
    } catch (ArithmeticException e) {
      throw CommandException.of("increment or decrement would overflow");
    }
  }

  /** The number in a value; empty if its bytes are lost. */
  private static Optional<Long> number(ObjectLease value) {
    if (value.length() > LONGEST) {
      throw CommandException.notAnInteger();
    }
    byte[] digits = new byte[(int) value.length()];
    if (!value.read(0, MemorySegment.ofArray(digits))) {
      return Optional.empty();
    }
    return Optional.of(Decimal.parse(digits).orElseThrow(CommandException::notAnInteger));
  }
}
