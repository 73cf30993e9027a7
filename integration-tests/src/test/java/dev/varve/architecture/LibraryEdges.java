package dev.varve.architecture;

import java.util.ArrayList;
import java.util.List;

/** Which class may name which library: each library stays in the one place that needs it. */
enum LibraryEdges {
  CHRONICLE("net.openhft.", List.of("dev.varve.store.host"), ""),
  LMDB("org.lmdbjava.", List.of("dev.varve.store.ssd"), "Lmdb"),
  LETTUCE("io.lettuce.", List.of("dev.varve.store.remote"), ""),
  JCUDA("jcuda.", List.of("dev.varve.store.cuda"), "Cuda"),
  VECTOR_API("jdk.incubator.vector.", List.of(), "Vector"),
  // Lettuce ends its threads with a future of Netty.
  NETTY(
      "io.netty.", List.of("dev.varve.client", "dev.varve.sidecar", "dev.varve.store.remote"), ""),
  MICROMETER("io.micrometer.", List.of("dev.varve.sidecar.metrics"), ""),
  PROMETHEUS("io.prometheus.", List.of("dev.varve.sidecar.metrics"), ""),
  ZEROMQ("org.zeromq.", List.of("dev.varve.sidecar.events"), ""),
  MSGPACK("org.msgpack.", List.of("dev.varve.sidecar.events"), ""),
  ZSTD("com.github.luben.zstd.", List.of("dev.varve.cli.bench"), ""),
  YAML("tools.jackson.dataformat.yaml.", List.of("dev.varve.cli.serve"), ""),
  PICOCLI("picocli.", List.of("dev.varve.cli"), ""),
  JMH("org.openjdk.jmh.", List.of(), "");

  private final String library;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> packages;

  private final String classPrefix;

  /**
   * @param library start of the names of its classes
   * @param packages packages that may use it, with those below them
   * @param classPrefix start of the top-level names that may use it anywhere, or nothing
   */
  LibraryEdges(String library, List<String> packages, String classPrefix) {
    this.library = library;
    this.packages = packages;
    this.classPrefix = classPrefix;
  }

  /** One sentence for each use of a library outside its place in the main classes. */
  static List<String> violations(List<ClassFacts> classes) {
    List<String> found = new ArrayList<>();
    for (ClassFacts facts : classes) {
      for (LibraryEdges edge : values()) {
        if (!edge.allows(facts)) {
          facts.types().stream()
              .filter(type -> type.startsWith(edge.library))
              .map(type ->
                  "%s names %s, which belongs %s".formatted(facts.name(), type, edge.home()))
              .forEach(found::add);
        }
      }
    }
    return found;
  }

  private boolean allows(ClassFacts facts) {
    boolean byName = !classPrefix.isEmpty() && facts.topLevelName().startsWith(classPrefix);
    String place = facts.packageName() + ".";
    return byName || packages.stream().anyMatch(home -> place.startsWith(home + "."));
  }

  private String home() {
    List<String> places = new ArrayList<>(packages);
    if (!classPrefix.isEmpty()) {
      places.add("classes named " + classPrefix + "*");
    }
    return places.isEmpty() ? "in integration-tests only" : "only in " + String.join(", ", places);
  }
}
