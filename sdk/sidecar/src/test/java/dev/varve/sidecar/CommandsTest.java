package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandsTest {

  @Test
  void answersInTheBytesOfRedis() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      List<Transcript.Exchange> played = Transcript.play(client);
      assertThat(played).containsExactlyElementsOf(Transcript.exchanges());
      assertThat(client.closedByServer()).isTrue();
      assertThat(server.sidecar().memory().used()).isZero();
    }
  }

  @Test
  void forgetsValuesWhoseTimeHasPassed() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      assertThat(client.ask("SET", "k", "v", "PX", "5000")).isEqualTo("+OK\r\n");
      assertThat(client.ask("GET", "k")).isEqualTo("$1\r\nv\r\n");
      server.forward(5000);
      assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
      assertThat(client.ask("TTL", "k")).isEqualTo(":-2\r\n");
      assertThat(client.ask("SET", "k", "v", "EXAT", "1")).isEqualTo("+OK\r\n");
      assertThat(client.ask("EXISTS", "k")).isEqualTo(":0\r\n");
    }
  }

  @Test
  void speaksTheThirdProtocolToWhoAsksForIt() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      assertThat(client.ask("HELLO", "3", "SETNAME", "me"))
          .startsWith("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n")
          .contains("$5\r\nproto\r\n:3\r\n");
      assertThat(client.ask("GET", "nosuch")).isEqualTo("_\r\n");
      assertThat(client.ask("CONFIG", "GET", "appendonly"))
          .isEqualTo("%1\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
      assertThat(client.ask("CLIENT", "GETNAME")).isEqualTo("$2\r\nme\r\n");
      assertThat(client.ask("INFO", "replication")).startsWith("=").contains("txt:# Replication");
      assertThat(client.ask("HELLO", "2")).startsWith("*14\r\n");
      assertThat(client.ask("GET", "nosuch")).isEqualTo("$-1\r\n");
    }
  }

  @Test
  void tellsOfItselfAndItsCommands() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      String info = client.ask("INFO");
      assertThat(info)
          .contains(
              "redis_version:", "varve_version:1.2.3", "tcp_port:" + server.address().getPort())
          .contains("role:master", "connected_clients:1", "keyspace_hits:0");
      assertThat(client.ask("INFO", "nosuch")).isEqualTo("$0\r\n\r\n");
      String all = client.ask("COMMAND");
      assertThat(client.ask("COMMAND", "COUNT"))
          .isEqualTo(":" + all.substring(1, all.indexOf('\n') + 1));
      assertThat(client.ask("COMMAND", "INFO", "get", "nosuch"))
          .startsWith(
              "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+fast\r\n+readonly\r\n:1\r\n:1\r\n:1\r\n")
          .endsWith("*0\r\n*0\r\n*0\r\n*0\r\n$-1\r\n");
      assertThat(client.ask("COMMAND", "DOCS", "get")).contains("summary");
      assertThat(client.ask("COMMAND")).contains("pexpireat", "getrange");
      assertThat(client.ask("CLIENT", "LIST")).contains("cmd=client", "user=default", "resp=2");
      assertThat(client.ask("CLIENT", "SETINFO", "LIB-NAME", "test")).isEqualTo("+OK\r\n");
      assertThat(client.ask("CLIENT", "INFO")).contains("lib-name=test");
      assertThat(client.ask("CONFIG", "SET", "save", ""))
          .startsWith("-ERR CONFIG SET failed (possibly related to argument 'save')");
    }
  }

  @Test
  void isAClusterOfOneToWhoAsks() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      String node = "$9\r\n127.0.0.1\r\n:" + server.address().getPort() + "\r\n";
      assertThat(client.ask("CLUSTER", "SLOTS"))
          .startsWith("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n" + node);
      assertThat(client.ask("CLUSTER", "SHARDS")).contains(":16383\r\n", "$6\r\nonline\r\n");
      assertThat(client.ask("CLUSTER", "INFO")).contains("cluster_state:ok");
      assertThat(client.ask("CLUSTER", "NODES")).contains("myself,master").contains("0-16383");
      assertThat(client.ask("CLUSTER", "KEYSLOT", "123456789")).isEqualTo(":12739\r\n");
      assertThat(client.ask("CLUSTER", "KEYSLOT", "a{123456789}b")).isEqualTo(":12739\r\n");
      assertThat(client.ask("CLUSTER", "FAILOVER"))
          .isEqualTo("-ERR unknown subcommand 'FAILOVER'. Try CLUSTER HELP.\r\n");
    }
  }

  @Test
  void walksOverAllKeys() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      for (int i = 0; i < 250; i++) {
        client.ask("SET", "key:" + i, "v");
      }
      Set<String> seen = new TreeSet<>();
      String cursor = "0";
      do {
        String[] lines = client.ask("SCAN", cursor, "COUNT", "17").split("\r\n", -1);
        cursor = lines[2];
        for (int i = 5; i < lines.length - 1; i += 2) {
          assertThat(seen.add(lines[i])).isTrue();
        }
      } while (!cursor.equals("0"));
      assertThat(seen).hasSize(250);
      assertThat(client.ask("DBSIZE")).isEqualTo(":250\r\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsOnEveryTransportThatThisMachineHas(Transport transport) throws IOException {
    if (transport.missing() != null) {
      assertThat(TransportChoice.of(Optional.empty()).transport()).isNotEqualTo(transport);
      return;
    }
    SidecarConfig forced = new TestConfig().transport(transport).build();
    try (TestServer server = new TestServer(forced, 1 << 20);
        WireClient client = server.connect()) {
      assertThat(client.ask("SET", "k", "v".repeat(100_000))).isEqualTo("+OK\r\n");
      assertThat(client.ask("STRLEN", "k")).isEqualTo(":100000\r\n");
      assertThat(server.sidecar().transport().transport()).isEqualTo(transport);
    }
  }
}
