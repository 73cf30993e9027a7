package dev.varve.sidecar.command;

import dev.varve.store.object.ObjectInfo;

/** The four ways to say when a value ends. */
public enum Expiry {
  /** In so many seconds. */
  SECONDS(1000, true),
  /** In so many milliseconds. */
  MILLIS(1, true),
  /** At so many seconds after 1970. */
  AT_SECONDS(1000, false),
  /** At so many milliseconds after 1970. */
  AT_MILLIS(1, false);

  private final long unit;
  private final boolean fromNow;

  Expiry(long unit, boolean fromNow) {
    this.unit = unit;
    this.fromNow = fromNow;
  }

  /** That of an option of {@code SET}: {@code ex}, {@code px}, {@code exat} or {@code pxat}. */
  public static Expiry parse(String option) {
    return switch (option) {
      case "ex" -> SECONDS;
      case "px" -> MILLIS;
      case "exat" -> AT_SECONDS;
      case "pxat" -> AT_MILLIS;
      default -> throw CommandException.syntax();
    };
  }

  /**
   * The moment that an argument names, in milliseconds since 1970; refused if it is not positive.
   */
  public long at(Arguments arguments, int index, long nowMillis) {
    long number = arguments.integer(index);
    if (number <= 0) {
      throw invalid(arguments);
    }
    return moment(arguments, number, nowMillis);
  }

  /** The same, but any number will do. */
  public long anyAt(Arguments arguments, int index, long nowMillis) {
    return moment(arguments, arguments.integer(index), nowMillis);
  }

  private long moment(Arguments arguments, long number, long nowMillis) {
    try {
      long moment = Math.addExact(Math.multiplyExact(number, unit), fromNow ? nowMillis : 0);
      if (moment == ObjectInfo.NEVER) {
        throw invalid(arguments);
      }
      return moment;
    } catch (ArithmeticException e) {
      throw invalid(arguments);
    }
  }

  private static CommandException invalid(Arguments arguments) {
    return CommandException.of("invalid expire time in '%s' command".formatted(arguments.name()));
  }
}
