package dev.varve.launcher;

import dev.varve.architecture.House;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A folder with the real launcher and nothing else that is real: JDKs and Maven are scripts that
 * say how they were called.
 */
final class FakeCheckout {
  /** What a run of the launcher left behind. */
  record Outcome(int exitCode, List<String> out, String err) {}

  private static final Instant BUILT = Instant.parse("2026-01-02T03:04:05Z");
  private static final List<String> TOOLS =
      List.of("bash", "readlink", "sed", "head", "find", "mktemp", "touch", "rm", "mkdir", "cat");

  private final Path folder;
  private final Path root;
  private final Path bin;

  /** Makes one below an empty folder. */
  FakeCheckout(Path folder) throws IOException {
    this.folder = folder;
    this.root = Files.createDirectories(folder.resolve("a check out"));
    this.bin = Files.createDirectories(folder.resolve("bin"));
    Path house = House.ofThisBuild().root();
    Files.copy(house.resolve("varve"), launcher());
    Files.createDirectories(root.resolve(".mvn"));
    Files.copy(house.resolve(".mvn/varve.jvm"), root.resolve(".mvn/varve.jvm"));
    for (String tool : TOOLS) {
      Files.createSymbolicLink(bin.resolve(tool), find(tool));
    }
    source("kv-store/src/main/java/A.java");
  }

  Path root() {
    return root;
  }

  Path launcher() {
    return root.resolve("varve");
  }

  /** Puts a source there that is older than what {@link #built} makes. */
  Path source(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, "");
    Path path = file;
    while (!path.equals(root)) {
      Files.setLastModifiedTime(path, FileTime.from(BUILT.minusSeconds(60)));
      path = path.resolveSibling("");
    }
    return file;
  }

  /** Puts a jar and a class path there, as a build would. */
  FakeCheckout built() throws IOException {
    Path target = Files.createDirectories(root.resolve("sdk/cli/target/lib")).resolveSibling("");
    Path jar = Files.writeString(target.resolve("varve-sdk-cli-1.jar"), "");
    Files.setLastModifiedTime(jar, FileTime.from(BUILT));
    return this;
  }

  /** Makes a JDK whose java command prints its name and its arguments, a line each. */
  Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve("jdks").resolve(name));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), "printf '%s\\n' " + name + " \"$@\"");
    return home;
  }

  /** Makes a JDK's java command the one on the path. */
  FakeCheckout onPath(Path jdk) throws IOException {
    Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
    return this;
  }

  /** Makes a Maven that says how it was called and then does what the script says. */
  FakeCheckout maven(String script) throws IOException {
    script(bin.resolve("mvn"), "echo \"mvn $* in $PWD\"\n" + script);
    return this;
  }

  /** Runs the launcher with this environment, in which only the fake JDKs can be found. */
  Outcome run(Map<String, String> environment, Path started, String... arguments)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(bin.resolve("bash").toString(), started.toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(folder.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().retainAll(Set.of("LANG"));
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("VARVE_JDK_PLACES", folder + "/jdks/*");
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the launcher did not end within 60 seconds");
    }
    return new Outcome(process.exitValue(), Files.readAllLines(out), Files.readString(err));
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/usr/bin/env bash\n" + body + "\n");
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("cannot make executable: " + file);
    }
  }

  private static Path find(String tool) {
    for (String place : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(place, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new IllegalStateException("not on the path: " + tool);
  }
}
