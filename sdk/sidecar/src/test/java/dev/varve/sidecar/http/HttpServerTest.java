package dev.varve.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.status.BoundedNames;
import dev.varve.sidecar.tls.ServerTls;
import dev.varve.sidecar.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HttpServerTest {

  @ParameterizedTest
  @ValueSource(strings = {"health", "healthcheck"})
  void isHealthyWhileTheStoreCanBeLookedAt(String path) throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      fixture.sampler.sample();
      HttpResponse<String> healthy = fixture.get(path);
      assertThat(healthy.statusCode()).isEqualTo(200);
      assertThat(healthy.body()).isEqualTo("{\"status\":\"healthy\"}");
      fixture.store.failure = "the disk is gone";
      fixture.sampler.sample();
      assertThat(fixture.get(path).statusCode()).isEqualTo(503);
      assertThat(fixture.get(path).body()).contains("unhealthy", "the disk is gone");
      fixture.store.failure = null;
      fixture.sampler.sample();
      assertThat(fixture.get(path).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void isReadyFromTheFirstLookUntilItDrains() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      assertThat(fixture.get("ready").statusCode()).isEqualTo(503);
      assertThat(fixture.get("ready").body()).isEqualTo("{\"status\":\"starting\"}");
      fixture.sampler.sample();
      assertThat(fixture.get("ready").body()).isEqualTo("{\"status\":\"ready\"}");
      assertThat(fixture.post("admin/drain", bearer()).statusCode()).isEqualTo(202);
      assertThat(fixture.get("ready").statusCode()).isEqualTo(503);
      assertThat(fixture.get("ready").body()).isEqualTo("{\"status\":\"draining\"}");
      assertThat(json(fixture.get("status").body()).path("status").asString())
          .isEqualTo("draining");
    }
  }

  @Test
  void tellsItsStateInFieldsThatAreKept() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      fixture.sampler.sample();
      fixture.ran("get", true, Reply.bulk("value"), "GET", chunk(1));
      fixture.ran("get", true, Reply.NIL, "GET", "user:7");
      fixture.ran("set", false, Reply.error("no"), "SET", "user:8", "x");
      HttpResponse<String> reply = fixture.get("status");
      assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
      JsonNode status = json(reply.body());
      assertThat(names(status))
          .containsExactly(
              "status",
              "server",
              "store",
              "traffic",
              "prefixes",
              "commands",
              "events",
              "tls",
              "handover");
      assertThat(names(status.path("server")))
          .contains("version", "uptime_seconds", "memory_used_bytes", "dropped_puts", "clients");
      JsonNode tier = status.path("store").path("tiers").path(0);
      assertThat(names(tier))
          .containsExactly(
              "tier",
              "model",
              "used_bytes",
              "capacity_bytes",
              "blocks",
              "tokens",
              "reads",
              "read_bytes",
              "writes",
              "damaged_reads",
              "codec");
      assertThat(tier.path("used_bytes").asLong()).isEqualTo(100);
      assertThat(status.path("store").path("recomputed_tokens").asLong()).isEqualTo(2048);
      JsonNode command = status.path("commands").path(0);
      assertThat(command.path("command").asString()).isEqualTo("get");
      assertThat(command.path("count").asLong()).isEqualTo(2);
      assertThat(command.path("p50_micros").asDouble()).isEqualTo(50);
      assertThat(reply.body()).contains("\"model\":\"org/model\"", "\"prefix", "user:*");
      assertThat(status.path("prefixes").toString()).contains("000000000001 org/model");
    }
  }

  @Test
  void showsPrometheusWhatItCounts() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      fixture.sampler.sample();
      fixture.ran("get", true, Reply.bulk("value"), "GET", chunk(1));
      fixture.ran("get", true, Reply.NIL, "GET", "k");
      HttpResponse<String> reply = fixture.get("metrics");
      assertThat(reply.headers().firstValue("Content-Type")).get().asString().contains("0.0.4");
      assertThat(reply.body())
          .contains(
              "varve_command_seconds_bucket{command=\"get\",le=\"5.0E-5\"} 2",
              "varve_command_seconds_count{command=\"get\"} 2",
              "varve_hits_total{model=\"org/model\",tenant=\"default\"} 1.0",
              "varve_misses_total{model=\"none\",tenant=\"default\"} 1.0",
              "varve_sent_bytes_total{model=\"org/model\",tenant=\"default\"} 5.0",
              "varve_tier_used_bytes{model=\"values\",tier=\"host\"} 100.0",
              "varve_tier_tokens{model=\"org/model\",tier=\"ssd\"} 512.0",
              "varve_tenant_tokens{model=\"values\",tenant=\"tenant0\",tier=\"host\"} 128.0",
              "varve_tenant_bytes{model=\"values\",tenant=\"tenant0\",tier=\"host\"} 10.0",
              "varve_codec_ratio{codec=\"lossless\",model=\"values\",tier=\"host\"} 1.5",
              "varve_codec_error_bound{codec=\"int8\",model=\"org/model\",tier=\"ssd\"} 0.004",
              "varve_checksum_failures_total{model=\"values\",tier=\"host\"} 2.0",
              "varve_dropped_puts_total 7.0",
              "varve_slower_than_recompute_tokens_total 2048.0",
              "varve_clients 3.0");
      fixture.store.hostBytes.set(700);
      fixture.sampler.sample();
      assertThat(fixture.get("metrics").body())
          .contains("varve_tier_used_bytes{model=\"values\",tier=\"host\"} 700");
    }
  }

  @Test
  void showsOnlySoManyModelsTenantsAndCommands() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      fixture.store.tenants = 500;
      fixture.sampler.sample();
      for (int i = 0; i < 1000; i++) {
        fixture.ran("get", true, Reply.NIL, "GET", chunk(1).replace("org/", "org" + i + "/"));
      }
      List<String> lines = fixture.get("metrics").body().lines().toList();
      assertThat(lines.stream().filter(line -> line.startsWith("varve_requests_total")))
          .hasSize(65);
      assertThat(lines.stream().filter(line -> line.startsWith("varve_tenant_bytes"))).hasSize(65);
      assertThat(lines)
          .contains("varve_requests_total{model=\"other\",tenant=\"default\"} 936.0")
          .contains("varve_tenant_bytes{model=\"values\",tenant=\"other\",tier=\"host\"} 4360.0");
      BoundedNames names = new BoundedNames(1);
      assertThat(List.of(names.label("a"), names.label("b"), names.label("a")))
          .containsExactly("a", "other", "a");
    }
  }

  @Test
  void keepsTheLastLooksForThePage() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      for (int i = 0; i < 310; i++) {
        fixture.sampler.sample();
      }
      assertThat(json(fixture.get("history").body()).path("samples").size()).isEqualTo(300);
      JsonNode last = json(fixture.get("history?after=307").body()).path("samples");
      assertThat(last.size()).isEqualTo(2);
      assertThat(last.path(1).path("sequence").asLong()).isEqualTo(309);
      assertThat(last.path(1).path("used_bytes").toString()).isEqualTo("[100,500]");
      assertThat(fixture.get("history?after=x").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void asksAdministratorsForTheToken() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      HttpResponse<String> refused = fixture.post("admin/flush", Optional.empty());
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(fixture.post("admin/flush", Optional.of("Bearer wrong")).statusCode())
          .isEqualTo(401);
      assertThat(fixture.calls).isEmpty();
      assertThat(fixture.post("admin/flush", bearer()).body())
          .contains("\"status\":\"flushed\"", "\"deleted\":100");
      assertThat(fixture.get("admin/flush").statusCode()).isEqualTo(405);
      assertThat(fixture.calls).containsExactly("flush");
    }
    try (HttpFixture fixture = new HttpFixture(Optional.empty())) {
      HttpResponse<String> off = fixture.post("admin/flush", bearer());
      assertThat(off.statusCode()).isEqualTo(403);
      assertThat(off.body()).contains("set http.token");
    }
    assertThatThrownBy(() -> new AdminToken(Optional.of("short")))
        .hasMessageContaining("the admin token has 5 characters, the shortest allowed 16");
  }

  @Test
  void saysWhyItCannotReload() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      assertThat(fixture.post("admin/reload", bearer()).body()).contains("\"reloaded\":[\"tls\"]");
      HttpResponse<String> failed = fixture.post("admin/reload", bearer());
      assertThat(failed.statusCode()).isEqualTo(409);
      assertThat(failed.body()).contains("the certificate has expired");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /nosuch HTTP/1.1|404",
        "GET /../etc/passwd HTTP/1.1|404",
        "DELETE /status HTTP/1.1|405",
        "NONSENSE|400",
        "GET /status?after=%zz HTTP/1.1|400",
        "GET / HTTP/1.1 and more and more|400",
        "*3 $3 SET|400",
      })
  void refusesWhatIsNoRequest(String line, int status) throws IOException {
    try (HttpFixture fixture = HttpFixture.start()) {
      String reply = fixture.raw(line + "\r\nHost: x\r\n\r\n");
      assertThat(reply).startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void refusesWhatIsTooLong() throws IOException {
    try (HttpFixture fixture = HttpFixture.start()) {
      assertThat(fixture.raw("GET /" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n"))
          .startsWith("HTTP/1.1 414 ");
      assertThat(fixture.raw("GET /health HTTP/1.1\r\nX: " + "a".repeat(9000) + "\r\n\r\n"))
          .startsWith("HTTP/1.1 431 ");
      assertThat(fixture.raw("POST /admin/flush HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n"))
          .startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void answersPipelinedRequestsInOrderAndHeadWithoutABody() throws IOException {
    try (HttpFixture fixture = HttpFixture.start();
        Socket socket = fixture.connect()) {
      String three =
          String.join(
              "\r\n",
              List.of(
                  "HEAD /health HTTP/1.1",
                  "Host: x",
                  "",
                  "GET /nosuch HTTP/1.1",
                  "Host: x",
                  "",
                  "GET /health HTTP/1.1",
                  "Host: x",
                  "Connection: close",
                  "",
                  ""));
      socket.getOutputStream().write(three.getBytes(StandardCharsets.ISO_8859_1));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(all.split("HTTP/1.1 ", -1)).hasSize(4);
      assertThat(all.split("HTTP/1.1 ", -1)[1]).startsWith("200").endsWith("\r\n\r\n");
      assertThat(all.split("HTTP/1.1 ", -1)[2]).startsWith("404");
      assertThat(all.split("HTTP/1.1 ", -1)[3])
          .startsWith("200")
          .endsWith("{\"status\":\"healthy\"}");
    }
  }

  @Test
  void letsGoOfConnectionsAboveTheLimit() throws Exception {
    try (HttpFixture fixture = HttpFixture.start()) {
      List<Socket> open = new ArrayList<>();
      try {
        for (int i = 0; i < 140; i++) {
          open.add(fixture.connect());
        }
        assertThat(open.getLast().getInputStream().read()).isEqualTo(-1);
      } finally {
        for (Socket socket : open) {
          socket.close();
        }
      }
      HttpRequest again = HttpRequest.newBuilder(URI.create(fixture.url() + "health")).build();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      int status = 0;
      while (status != 200 && System.nanoTime() < deadline) {
        try {
          status = fixture.send(again).statusCode();
        } catch (IOException e) {
          TimeUnit.MILLISECONDS.sleep(20);
        }
      }
      assertThat(status).isEqualTo(200);
    }
  }

  @Test
  void encryptsWhereItHasACertificate(@TempDir Path folder) throws Exception {
    TestCertificates certificates = new TestCertificates(folder);
    ServerTls tls =
        ServerTls.open(certificates.files("first.pem", "first.key"), System::currentTimeMillis);
    try (HttpFixture fixture = new HttpFixture(Optional.empty(), Optional.of(tls));
        HttpClient trusting =
            HttpClient.newBuilder()
                .sslContext(certificates.client("first.pem", Optional.empty()))
                .build()) {
      assertThat(fixture.url()).startsWith("https://127.0.0.1:");
      HttpRequest request = HttpRequest.newBuilder(URI.create(fixture.url() + "health")).build();
      assertThat(trusting.send(request, HttpResponse.BodyHandlers.ofString()).body())
          .isEqualTo("{\"status\":\"healthy\"}");
      assertThatThrownBy(() -> fixture.send(request)).isInstanceOf(IOException.class);
    }
  }

  private static Optional<String> bearer() {
    return Optional.of("Bearer " + HttpFixture.TOKEN);
  }

  private static String chunk(int number) {
    return "org/model@01000100@0@" + "%012d".formatted(number) + "0".repeat(52);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(java.util.Map.Entry::getKey).toList();
  }
}
