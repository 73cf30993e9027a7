package dev.varve.architecture;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@link Room} knows every module: none can be added without a place in the graph. */
final class ModuleTable {
  private ModuleTable() {}

  /** One sentence for each module with main sources that is no {@link Room}. */
  static List<String> violations(House house) {
    Set<String> rooms = Arrays.stream(Room.values()).map(Room::folder).collect(Collectors.toSet());
    return house.modules().stream()
        .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
        .map(house::relative)
        .filter(folder -> !rooms.contains(folder))
        .map(folder -> "module %s has no line in Room".formatted(folder))
        .toList();
  }
}
