package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sidecar.resp.Text;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** LMCache's two clients, byte for byte: fixed lengths are read, so any other byte hangs them. */
class LmCacheTest {

  private static final String CHUNK =
      "meta-llama/Llama-3.1-8B@01000100@0@" + "0123456789abcdef".repeat(4);
  private static final String PAIR = "meta-llama/Llama-3.1-8B@1@0@-1f3c@bfloat16";
  private static final byte[] VALUE = value();

  private static byte[] value() {
    byte[] bytes = new byte[33_554_432];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void theNativeClientStoresLooksUpLoadsAndDeletes() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      assertThat(command(client, 4, "EXISTS", CHUNK)).isEqualTo(":0\r\n");
      assertThat(command(client, 5, "GET", CHUNK)).isEqualTo("$-1\r\n");
      store(client, CHUNK);
      assertThat(command(client, 4, "EXISTS", CHUNK)).isEqualTo(":1\r\n");
      load(client, CHUNK);
      assertThat(command(client, 4, "DEL", CHUNK)).isEqualTo(":1\r\n");
      assertThat(command(client, 4, "DEL", CHUNK)).isEqualTo(":0\r\n");
      assertThat(command(client, 5, "GET", CHUNK)).isEqualTo("$-1\r\n");
    }
  }

  @Test
  void aValueThatFindsNoRoomIsDroppedAndCounted() throws IOException {
    try (TestServer server = new TestServer(TestServer.CONFIG, 1 << 20);
        WireClient client = server.connect()) {
      store(client, CHUNK);
      assertThat(command(client, 4, "EXISTS", CHUNK)).isEqualTo(":0\r\n");
      assertThat(server.sidecar().counters().droppedPuts.sum()).isEqualTo(1);
      client.request(Text.bytes("SET"), Text.bytes("mine"), VALUE);
      assertThat(client.reply())
          .startsWith("-OOM command not allowed when used memory > 'maxmemory'");
    }
  }

  @Test
  void damageIsAMissAndNeverAnError() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      store(client, CHUNK);
      server.objects(Tenant.NONE).damage();
      assertThat(command(client, 5, "GET", CHUNK)).isEqualTo("$-1\r\n");
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void aStoreThatFailsIsACacheThatHasNothing() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      server.objects(Tenant.NONE).breakDown();
      assertThat(command(client, 5, "GET", CHUNK)).isEqualTo("$-1\r\n");
      assertThat(command(client, 4, "EXISTS", CHUNK)).isEqualTo(":0\r\n");
      assertThat(command(client, 4, "DEL", CHUNK)).isEqualTo(":0\r\n");
      store(client, CHUNK);
      assertThat(client.ask("SET", "mine", "v")).startsWith("-ERR the store failed");
      assertThat(client.ask("MGET", "a", "b")).isEqualTo("*2\r\n$-1\r\n$-1\r\n");
      assertThat(server.sidecar().counters().failures.sum()).isEqualTo(6);
      assertThat(server.sidecar().counters().droppedPuts.sum()).isEqualTo(1);
    }
  }

  @Test
  void aPairIsShownOnlyWhileBothHalvesAreThere() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      assertThat(client.ask("SET", PAIR + "metadata", "m".repeat(28))).isEqualTo("+OK\r\n");
      assertThat(command(client, 4, "EXISTS", PAIR + "metadata")).isEqualTo(":0\r\n");
      assertThat(client.ask("GET", PAIR + "metadata")).isEqualTo("$-1\r\n");
      store(client, PAIR + "kv_bytes");
      assertThat(command(client, 4, "EXISTS", PAIR + "metadata")).isEqualTo(":1\r\n");
      assertThat(client.ask("GET", PAIR + "metadata"))
          .isEqualTo("$28\r\n" + "m".repeat(28) + "\r\n");
      load(client, PAIR + "kv_bytes");
    }
  }

  @Test
  void thePairDiesTogether() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      for (String victim : new String[] {"metadata", "kv_bytes"}) {
        store(client, PAIR + "kv_bytes");
        assertThat(client.ask("SET", PAIR + "metadata", "m".repeat(28))).isEqualTo("+OK\r\n");
        assertThat(command(client, 4, "DEL", PAIR + victim)).isEqualTo(":1\r\n");
        assertThat(command(client, 4, "EXISTS", PAIR + "metadata")).isEqualTo(":0\r\n");
        assertThat(command(client, 4, "EXISTS", PAIR + "kv_bytes")).isEqualTo(":0\r\n");
      }
      store(client, PAIR + "kv_bytes");
      assertThat(client.ask("SET", PAIR + "metadata", "m".repeat(28))).isEqualTo("+OK\r\n");
      assertThat(client.ask("PEXPIRE", PAIR + "metadata", "1000")).isEqualTo(":1\r\n");
      server.forward(1000);
      assertThat(command(client, 4, "EXISTS", PAIR + "kv_bytes")).isEqualTo(":0\r\n");
      assertThat(command(client, 4, "EXISTS", PAIR + "metadata")).isEqualTo(":0\r\n");
    }
  }

  private static void store(WireClient client, String key) throws IOException {
    client.request(Text.bytes("SET"), Text.bytes(key), VALUE);
    assertThat(client.read(5)).isEqualTo("+OK\r\n");
  }

  private static void load(WireClient client, String key) throws IOException {
    client.request(Text.bytes("GET"), Text.bytes(key));
    assertThat(client.read(11)).isEqualTo("$33554432\r\n");
    assertThat(client.read(VALUE.length).equals(Text.of(VALUE))).isTrue();
    assertThat(client.read(2)).isEqualTo("\r\n");
  }

  private static String command(WireClient client, int length, String name, String key)
      throws IOException {
    client.request(Text.bytes(name), Text.bytes(key));
    return client.read(length);
  }
}
