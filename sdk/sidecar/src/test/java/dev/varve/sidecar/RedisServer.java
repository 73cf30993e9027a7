package dev.varve.sidecar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Redis on a free port, without a disk. */
final class RedisServer implements AutoCloseable {

  private static final int ATTEMPTS = 200;

  private final Process process;
  private final InetSocketAddress address;

  private RedisServer(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  static RedisServer start(Path folder) throws IOException, InterruptedException {
    int port = freePort();
    Process process =
        new ProcessBuilder(
                Programs.path("redis-server").orElseThrow().toString(),
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
            .redirectOutput(folder.resolve("redis.log").toFile())
            .redirectErrorStream(true)
            .start();
    RedisServer server =
        new RedisServer(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    server.awaitReady();
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < ATTEMPTS; i++) {
      try (WireClient client = new WireClient(address)) {
        if (client.ask("PING").equals("+PONG\r\n")) {
          return;
        }
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    close();
    throw new IOException("redis-server does not answer at " + address);
  }

  InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Programs of this machine. */
  static final class Programs {

    private Programs() {}

    /** Where a program is; empty if it is not installed. */
    static Optional<Path> path(String name) {
      for (String folder : System.getenv("PATH").split(":", -1)) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
      return Optional.empty();
    }

    /** For {@code EnabledIf}: whether the programs of Redis are installed. */
    static boolean redisInstalled() {
      return path("redis-server").isPresent()
          && path("redis-cli").isPresent()
          && path("redis-benchmark").isPresent();
    }
  }
}
