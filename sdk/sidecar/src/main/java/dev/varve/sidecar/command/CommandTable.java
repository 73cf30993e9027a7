package dev.varve.sidecar.command;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All commands by name. Immutable once made. */
public final class CommandTable {

  private final SortedMap<String, Command> byName = new TreeMap<>();

  /**
   * @throws IllegalArgumentException if two commands have one name
   */
  public CommandTable(List<Command> commands) {
    for (Command command : commands) {
      if (byName.put(command.info().name(), command) != null) {
        throw new IllegalArgumentException("two commands are called " + command.info().name());
      }
    }
  }

  /** The command of that name in lower case. */
  public Optional<Command> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** What there is, by name. */
  public List<CommandInfo> infos() {
    return byName.values().stream().map(Command::info).toList();
  }
}
