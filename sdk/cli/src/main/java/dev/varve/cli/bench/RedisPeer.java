package dev.varve.cli.bench;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@code redis-server} of this machine, without a disk, as long as this is open. */
public final class RedisPeer implements AutoCloseable {

  private static final String PROGRAM = "redis-server";
  private static final int ATTEMPTS = 300;

  private final Process process;
  private final InetSocketAddress address;

  private RedisPeer(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts it.
   *
   * @param path folders with programs, as in the variable PATH
   * @param folder to work in
   * @throws CommandFailure if it is not installed
   */
  public static RedisPeer start(String path, Path folder) throws IOException, InterruptedException {
    Path program =
        find(path)
            .orElseThrow(() ->
                new CommandFailure(
                    ExitCode.ENVIRONMENT,
                    PROGRAM
                        + " is not on the PATH, and there is nothing to compare with: install the"
                        + " package redis-server (or redis)."));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                folder.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectErrorStream(true)
            .start();
    RedisPeer peer =
        new RedisPeer(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    peer.awaitReady();
    return peer;
  }

  private static Optional<Path> find(String path) {
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < ATTEMPTS && process.isAlive(); i++) {
      try (RespProbe probe = new RespProbe(address)) {
        if (probe.ask("PING").equals("+PONG")) {
          return;
        }
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    close();
    throw new IOException(PROGRAM + " does not answer at " + address);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
