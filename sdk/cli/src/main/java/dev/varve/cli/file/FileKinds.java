package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Every kind of file that is read, in the order in which they are tried. */
public final class FileKinds {

  private static final String LMCACHE_ENDING = "data";

  /** The kind that has no front, and is known by its name alone. */
  private static final FileKind NAMED = new LmcacheKind();

  private static final List<FileKind> ALL =
      List.of(
          new ContainerKind(),
          new SafetensorsKind(),
          new NpyKind(),
          new NpzKind(),
          new LlamaKind(),
          new LmcacheFsKind(),
          NAMED);

  /** Name of our own container. */
  public static final String CONTAINER = ContainerKind.NAME;

  /** Name of the kind that holds any keys and values. */
  public static final String DEFAULT = SafetensorsKind.NAME;

  /** Name of the kind that llama.cpp writes of one sequence. */
  public static final String LLAMA = LlamaKind.NAME;

  private FileKinds() {}

  /** The names of all kinds. */
  public static List<String> names() {
    return ALL.stream().map(FileKind::name).toList();
  }

  /**
   * Opens {@code path}.
   *
   * @param kind the name of its kind; found from the content if absent
   * @throws CommandFailure if it is of no known kind or cannot be read, with the reason
   */
  public static KvSource open(Path path, Optional<String> kind, KindOptions options)
      throws IOException {
    Arena arena = Arena.ofShared();
    try {
      ForeignFile file = ForeignFile.map(path, arena);
      return (kind.isPresent() ? named(kind.get()) : find(file)).open(file, options, arena);
    } catch (IOException | RuntimeException | Error e) {
      if (arena.scope().isAlive()) {
        arena.close();
      }
      throw e;
    }
  }

  /** Whether {@code path} is of a kind that can be read, or its name says so. */
  public static boolean readable(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      ForeignFile file = ForeignFile.map(path, arena);
      return byContent(file).isPresent() || NAMED.recognises(file) || said(path).isPresent();
    }
  }

  private static FileKind find(ForeignFile file) {
    Optional<FileKind> found = byContent(file);
    if (found.isPresent()) {
      return found.get();
    }
    if (Pickles.recognises(file)) {
      throw file.refused(Pickles.REFUSAL);
    }
    if (NAMED.recognises(file)) {
      return NAMED;
    }
    // A damaged front is no reason to forget what the name says: the kind's reader tells the fault.
    return said(file.path())
        .orElseThrow(() ->
            file.refused(
                "is none of %s by its content: name its kind with --from if it is one"
                    .formatted(String.join(", ", names()))));
  }

  /** Content comes before the magic of pickles, which is also that of some header lengths. */
  private static Optional<FileKind> byContent(ForeignFile file) {
    return ALL.stream().filter(kind -> !kind.equals(NAMED) && kind.recognises(file)).findFirst();
  }

  /** The kind that the ending of a name promises, of those that have a front to check. */
  private static Optional<FileKind> said(Path path) {
    String name = String.valueOf(path.getFileName());
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case ContainerKind.NAME, SafetensorsKind.NAME, NpyKind.NAME, NpzKind.NAME ->
          Optional.of(named(ending));
      case LmcacheFsKind.NAME, LMCACHE_ENDING -> Optional.of(named(LmcacheFsKind.NAME));
      default -> Optional.empty();
    };
  }

  /**
   * Begins a file of kind {@code kind} for keys and values that come from elsewhere.
   *
   * @throws CommandFailure if such a file cannot hold them, with the reason
   */
  public static KvSink create(
      Path target, String kind, KvDescription description, KindOptions options) throws IOException {
    NewFile planned = named(kind).plan(description, options);
    return KvSink.create(target, planned.layout(), description, planned::opaque);
  }

  /**
   * Whether a file is what {@link #create} makes of such keys and values; which elements they have
   * is not looked at.
   *
   * @throws CommandFailure if such a file cannot hold them, with the reason
   */
  public static boolean made(
      Path target, String kind, KvDescription description, KindOptions options) throws IOException {
    return named(kind).plan(description, options).frames(target);
  }

  /**
   * Refuses a name of no kind.
   *
   * @throws IllegalArgumentException if there is none: lists those there are
   */
  public static void check(String kind) {
    named(kind);
  }

  /** Whether {@code path} begins as a container does, or is named like one. */
  public static boolean isContainer(Path path) throws IOException {
    if (String.valueOf(path.getFileName()).endsWith("." + CONTAINER)) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      return new ContainerKind().recognises(ForeignFile.map(path, arena));
    }
  }

  /** {@code name} with the ending of {@code kind} in the place of that of another kind. */
  public static String renamed(String name, String kind) {
    for (String other : names()) {
      if (name.endsWith("." + other)) {
        return name.substring(0, name.length() - other.length()) + kind;
      }
    }
    return name + "." + kind;
  }

  /** The kind that a name ends in, if any does. */
  public static Optional<String> byEnding(Path path) {
    String name = String.valueOf(path.getFileName());
    return names().stream().filter(kind -> name.endsWith("." + kind)).findFirst();
  }

  /** The kind of that name. */
  static FileKind named(String name) {
    return ALL.stream()
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no kind of file is named '%s': there are %s"
                    .formatted(name, String.join(", ", names()))));
  }
}
