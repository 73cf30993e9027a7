package dev.varve.sidecar.command;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A command's name and form, as {@code COMMAND} tells them.
 *
 * @param name in lower case
 * @param arity number of arguments with the name; the least number, negated, if there may be more
 * @param flags what it does
 * @param firstKey position of the first key; 0 if it has none
 * @param lastKey position of the last key, from the end if negative
 * @param step from key to key
 * @param summary one line for people
 */
public record CommandInfo(
    String name, int arity, Set<Flag> flags, int firstKey, int lastKey, int step, String summary) {

  /** What a command does. */
  public enum Flag {
    /** Reads values. */
    READONLY,
    /** Changes values. */
    WRITE,
    /** Takes a time that does not grow with the number of keys. */
    FAST,
    /** May be sent before the password. */
    NO_AUTH,
    /** Changes or tells something of the server. */
    ADMIN
  }

  public CommandInfo {
    flags = Set.copyOf(flags);
  }

  /** A command without keys. */
  public static CommandInfo plain(String name, int arity, String summary, Flag... flags) {
    return new CommandInfo(name, arity, Set.of(flags), 0, 0, 0, summary);
  }

  /** A command whose first argument is a key. */
  public static CommandInfo oneKey(String name, int arity, String summary, Flag... flags) {
    return new CommandInfo(name, arity, Set.of(flags), 1, 1, 1, summary);
  }

  /** A command of keys only. */
  public static CommandInfo keys(String name, int arity, String summary, Flag... flags) {
    return new CommandInfo(name, arity, Set.of(flags), 1, -1, 1, summary);
  }

  /** Whether it may have {@code size} arguments, its name included. */
  public boolean takes(int size) {
    return arity >= 0 ? size == arity : size >= -arity;
  }

  /** Whether it does that. */
  public boolean is(Flag flag) {
    return flags.contains(flag);
  }

  /** Flags in Redis's words. */
  public List<String> flagNames() {
    return flags.stream().map(flag -> flag.name().toLowerCase(Locale.ROOT)).sorted().toList();
  }
}
