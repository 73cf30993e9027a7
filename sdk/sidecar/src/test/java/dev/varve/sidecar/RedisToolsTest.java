package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** The programs that come with Redis, and its Python client. */
@Tag("server")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RedisToolsTest {

  private static final String INSTALLED = "dev.varve.sidecar.RedisServer$Programs#redisInstalled";
  private static final String MISSING =
      "redis-server, redis-cli and redis-benchmark are not installed";

  @Test
  @EnabledIf(value = INSTALLED, disabledReason = MISSING)
  void redisCliSpeaksBothProtocols() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(cli(server, "set", "k", "v")).isEqualTo("OK\n");
      assertThat(cli(server, "get", "k")).isEqualTo("v\n");
      assertThat(cli(server, "-3", "get", "k")).isEqualTo("v\n");
      assertThat(cli(server, "-3", "config", "get", "appendonly")).contains("appendonly no");
      assertThat(cli(server, "--scan", "--pattern", "k*")).isEqualTo("k\n");
      assertThat(cli(server, "nosuch")).startsWith("ERR unknown command 'nosuch'");
    }
  }

  @Test
  @EnabledIf(value = INSTALLED, disabledReason = MISSING)
  void redisBenchmarkRuns() throws Exception {
    try (TestServer server = TestServer.start()) {
      String report =
          run(
              List.of(
                  "redis-benchmark",
                  "-p",
                  Integer.toString(server.address().getPort()),
                  "-t",
                  "ping,set,get,mset,incr",
                  "-n",
                  "2000",
                  "-P",
                  "4",
                  "--csv"));
      assertThat(report)
          .contains("\"PING_INLINE\"", "\"PING_MBULK\"", "\"SET\"", "\"GET\"", "\"INCR\"")
          .contains("\"MSET (10 keys)\"")
          .doesNotContainIgnoringCase("error");
      assertThat(server.sidecar().counters().failures.sum()).isZero();
    }
  }

  @Test
  @EnabledIf(
      value = "dev.varve.sidecar.RedisToolsTest#pythonHasRedis",
      disabledReason = "python3 has no module redis")
  void redisPyWorks() throws Exception {
    try (TestServer server = TestServer.start()) {
      String program =
          """
          import redis
          r = redis.Redis(port=%d)
          assert r.set(b'k\\x00', b'v' * 3000000, ex=100)
          assert r.get(b'k\\x00') == b'v' * 3000000
          assert 0 < r.ttl(b'k\\x00') <= 100
          assert r.mget(b'k\\x00', 'nosuch')[1] is None
          p = r.pipeline(transaction=False)
          for i in range(1000):
              p.set(str(i), i)
              p.get(str(i))
          assert p.execute()[-1] == b'999'
          assert len(list(r.scan_iter(count=33))) == 1001
          assert r.incr('n') == 1 and r.delete('n', 'nosuch') == 1
          assert r.info()['role'] == 'master'
          print(r.client_getname(), r.dbsize())
          """
              .formatted(server.address().getPort());
      assertThat(run(List.of("/usr/bin/python3", "-c", program))).isEqualTo("None 1001\n");
    }
  }

  static boolean pythonHasRedis() {
    try {
      return new ProcessBuilder("/usr/bin/python3", "-c", "import redis")
              .redirectErrorStream(true)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String cli(TestServer server, String... arguments) throws Exception {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("redis-cli", "-p", Integer.toString(server.address().getPort())));
    line.addAll(List.of(arguments));
    return run(line);
  }

  private static String run(List<String> line) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
