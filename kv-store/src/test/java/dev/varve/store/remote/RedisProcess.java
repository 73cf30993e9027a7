package dev.varve.store.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Redis on a free port of this machine, without a disk. */
public final class RedisProcess implements AutoCloseable {

  private static final int ATTEMPTS = 300;

  private final Path folder;
  private final int port;
  private final List<String> command;
  private Process process;

  private RedisProcess(Path folder, int port, List<String> command, Process process) {
    this.folder = folder;
    this.port = port;
    this.command = command;
    this.process = process;
  }

  /** Starts one that is ready; {@code options} are those of its command line. */
  public static RedisProcess start(Path folder, String... options)
      throws IOException, InterruptedException {
    return start(folder, freePort(), options);
  }

  static RedisProcess start(Path folder, int port, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(path("redis-server").orElseThrow().toString());
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no", "--dir", folder.toString()));
    command.addAll(List.of(options));
    RedisProcess redis = new RedisProcess(folder, port, command, begin(command, folder, port));
    redis.awaitReady();
    return redis;
  }

  private static Process begin(List<String> command, Path folder, int port) throws IOException {
    return new ProcessBuilder(command)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(folder.resolve("redis-" + port + ".log").toFile()))
        .redirectErrorStream(true)
        .start();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < ATTEMPTS; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(5000);
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        if (in.read() >= 0) {
          return;
        }
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    close();
    throw new IOException("redis-server does not answer at port " + port);
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Its address for a {@link RemoteConfig}. */
  public String address() {
    return "redis://127.0.0.1:" + port;
  }

  /** What {@code redis-cli} prints for a command. */
  public String cli(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(path("redis-cli").orElseThrow().toString(), "-p", Integer.toString(port)));
    line.addAll(List.of(arguments));
    Process cli = new ProcessBuilder(line).redirectErrorStream(true).start();
    try (InputStream out = cli.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      cli.waitFor(30, TimeUnit.SECONDS);
      return text.strip();
    }
  }

  /** Ends it without a word. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(30, TimeUnit.SECONDS);
  }

  /** Starts it again, empty, at the same port. */
  public void restart() throws IOException, InterruptedException {
    process = begin(command, folder, port);
    awaitReady();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Path> path(String name) {
    for (String place : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(place, name);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** For {@code EnabledIf}: whether the programs of Redis are installed. */
  public static boolean installed() {
    return path("redis-server").isPresent() && path("redis-cli").isPresent();
  }
}
