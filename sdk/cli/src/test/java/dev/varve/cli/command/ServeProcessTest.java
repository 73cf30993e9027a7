package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own, which is killed, told to end, and started again. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ServeProcessTest {

  private static final Pattern LISTENING =
      Pattern.compile("listening at 127\\.0\\.0\\.1:(\\d+) \\((epoll|io_uring|nio).*\\)");
  private static final String CHUNK = "org/model@01000100@0@" + "0123456789abcdef".repeat(4);
  private static final String VALUE = "kv".repeat(3_000_000);

  @TempDir Path folder;

  @Test
  void findsWhatItHadAfterBeingKilledAndAfterEnding() throws Exception {
    try (Server first = new Server(folder)) {
      first.ask("*3\r\n" + bulk("SET") + bulk(CHUNK) + bulk(VALUE), "+OK\r\n");
      first.ask("SET small value EX 1000\r\n", "+OK\r\n");
      first.ask("SET gone value\r\nDEL gone\r\n", "+OK\r\n:1\r\n");
      first.process.destroyForcibly();
      assertThat(first.process.waitFor()).isNotZero();
    }
    try (Server second = new Server(folder)) {
      second.ask("*2\r\n" + bulk("GET") + bulk(CHUNK), bulk(VALUE));
      second.ask("GET small\r\nEXISTS gone\r\n", "$5\r\nvalue\r\n:0\r\n");
      second.ask("*2\r\n" + bulk("DEL") + bulk(CHUNK), ":1\r\n");
      second.process.destroy();
      assertThat(second.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(second.errors()).contains("ended").doesNotContain("ERROR");
    }
    try (Server third = new Server(folder)) {
      third.ask("GET small\r\n", "$5\r\nvalue\r\n");
      third.ask("*2\r\n" + bulk("EXISTS") + bulk(CHUNK), ":0\r\n");
    }
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }

  private static final class Server implements AutoCloseable {

    private final Process process;
    private final Path errors;
    private final int port;

    Server(Path folder) throws IOException {
      List<String> line = new ArrayList<>();
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
        if (flag.startsWith("--")) {
          line.add(flag);
        }
      }
      line.addAll(List.of("-Xmx1200m", "-cp", System.getProperty("java.class.path")));
      line.addAll(List.of(Main.class.getName(), "serve", "--port", "0", "--store"));
      line.add(folder.resolve("store").toString());
      line.addAll(List.of("--set", "tiers.ssd-size=256MiB", "--set", "tiers.host=64MiB"));
      line.addAll(List.of("--set", "limits.value=64MiB", "--set", "limits.request=128MiB"));
      line.addAll(List.of("--set", "limits.memory=256MiB"));
      process = new ProcessBuilder(line).redirectError(folder.resolve("errors").toFile()).start();
      this.errors = folder.resolve("errors");
      port = port(process.inputReader(StandardCharsets.UTF_8));
    }

    private int port(BufferedReader out) throws IOException {
      String said = out.readLine();
      Matcher matcher = LISTENING.matcher(String.valueOf(said));
      if (!matcher.matches()) {
        process.destroyForcibly();
        throw new IllegalStateException(said + "\n" + errors());
      }
      return Integer.parseInt(matcher.group(1));
    }

    String errors() throws IOException {
      return Files.readString(errors);
    }

    void ask(String request, String reply) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        InputStream in = socket.getInputStream();
        byte[] bytes = in.readNBytes(reply.length());
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1).equals(reply))
            .as("%.60s gives %.60s", request, new String(bytes, StandardCharsets.ISO_8859_1))
            .isTrue();
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
