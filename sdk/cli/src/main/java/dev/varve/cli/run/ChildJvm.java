package dev.varve.cli.run;

import dev.varve.cli.Main;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A second process of this command, with the JVM flags and the class path of this one. */
public final class ChildJvm implements AutoCloseable {

  private static final int SECONDS_TO_DIE = 10;

  private final Process process;
  private final Thread relay;

  private ChildJvm(Process process, Thread relay) {
    this.process = process;
    this.relay = relay;
  }

  /**
   * What a child left.
   *
   * @param exitCode of the process
   * @param output its standard output
   */
  public record Outcome(int exitCode, String output) {}

  /**
   * Starts {@code varve arguments...}.
   *
   * @param errors takes what it says on standard error, on a thread of its own
   */
  public static ChildJvm start(List<String> arguments, Consumer<String> errors) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-agentlib:") && !flag.startsWith("-javaagent:"))
        .forEach(line::add);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(arguments);
    Process process = new ProcessBuilder(line).start();
    Runnable relay = new StandardErrorRelay(process.getErrorStream(), errors);
    return new ChildJvm(process, Thread.ofPlatform().daemon().start(relay));
  }

  /** Waits for the end. */
  public Outcome await() throws IOException, InterruptedException {
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readAllBytes();
    relay.join();
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
