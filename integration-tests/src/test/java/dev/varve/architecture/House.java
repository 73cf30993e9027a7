package dev.varve.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A checkout of the repository.
 *
 * @param root its top folder
 */
public record House(Path root) {
  /** What git ignores: made by the build or by a person's tools. */
  private static final Set<String> IGNORED =
      Set.of(".git", "target", ".idea", ".vscode", ".gpu", ".DS_Store");

  /** The checkout that the build runs in. */
  public static House ofThisBuild() {
    String root = System.getProperty("varve.root");
    if (root == null) {
      throw new IllegalStateException(
          "system property varve.root is missing: the root pom.xml sets it, so run through Maven"
              + " or add -Dvarve.root=<top folder of the checkout>");
    }
    return new House(Path.of(root));
  }

  /** The compiled main classes of a module. */
  List<ClassFacts> classesOf(Room room) {
    Path folder = root.resolve(room.folder()).resolve("target/classes");
    List<ClassFacts> classes = Files.isDirectory(folder) ? ClassFacts.readAll(folder) : List.of();
    if (classes.isEmpty()) {
      throw new IllegalStateException(
          "no classes in %s: build module %s first (mvn -pl integration-tests -am test)"
              .formatted(folder, room.folder()));
    }
    return classes;
  }

  /** Every file that belongs to the repository, sorted. */
  public List<Path> files() {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(root, new Collector(found));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found.stream().sorted().toList();
  }

  /** Every Java source, test sources included. */
  public List<Path> sources() {
    return files().stream().filter(file -> file.toString().endsWith(".java")).toList();
  }

  /** The folders that hold a {@code pom.xml}. */
  public List<Path> modules() {
    return files().stream()
        .filter(file -> file.endsWith("pom.xml"))
        .map(pom -> pom.resolveSibling(""))
        .toList();
  }

  /** The names in the top folder that belong to the repository. */
  List<String> topLevel() {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.map(House::name).filter(name -> !ignored(name)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file's name from the top folder on, with slashes. */
  public String relative(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static boolean ignored(String name) {
    return IGNORED.contains(name) || name.endsWith(".iml");
  }

  private static final class Collector extends SimpleFileVisitor<Path> {
    private final List<Path> found;

    Collector(List<Path> found) {
      this.found = found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return ignored(name(folder)) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!ignored(name(file))) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
