package dev.varve.cli.run;

import dev.varve.cli.Main;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A second process of this command, with the JVM flags and the class path of this one. Its standard
 * error is ours.
 */
public final class ChildJvm implements AutoCloseable {

  private static final int SECONDS_TO_DIE = 10;

  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * What a child left.
   *
   * @param exitCode of the process
   * @param output its standard output
   */
  public record Outcome(int exitCode, String output) {}

  /** Starts {@code varve arguments...}. */
  public static ChildJvm start(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-agentlib:") && !flag.startsWith("-javaagent:"))
        .forEach(line::add);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(arguments);
    return new ChildJvm(new ProcessBuilder(line).redirectError(Redirect.INHERIT).start());
  }

  /** Waits for the end. */
  public Outcome await() throws IOException, InterruptedException {
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readAllBytes();
    return new Outcome(process.waitFor(), new String(output, StandardCharsets.UTF_8));
  }

  /** Ends the process if it still runs, and waits until it is gone. */
  @Override
  public void close() {
    try {
      if (!process.destroyForcibly().waitFor(SECONDS_TO_DIE, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
