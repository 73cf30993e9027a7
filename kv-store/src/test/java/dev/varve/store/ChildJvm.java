package dev.varve.store;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class of the test class path in a JVM with the flags of this one. */
public final class ChildJvm {

  private ChildJvm() {}

  /**
   * The command line that runs {@code main}.
   *
   * @param classPath folders and jars to put before the class path of this JVM
   */
  public static List<String> command(List<String> classPath, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(new File(System.getProperty("java.home"), "bin/java").getPath());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--")) {
        command.add(flag);
      }
    }
    command.add("-Xmx512m");
    command.add("-cp");
    List<String> path = new ArrayList<>(classPath);
    path.add(classPath());
    command.add(String.join(File.pathSeparator, path));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** The class path of the tests, also where a runner hides it behind a jar of its own. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Starts {@code command} with its errors among its output. */
  public static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
