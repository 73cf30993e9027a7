package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sidecar.access.PasswordHash;
import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.Tenant;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients do wrong, and what they may do at once. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ConnectionTest {

  @Test
  void answersAPipelineInOrder() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 20_000; i++) {
        requests.append("SET k ").append(i).append("\r\nGET k\r\n");
      }
      Thread sender = sending(client, Text.bytes(requests.toString()));
      for (int i = 0; i < 20_000; i++) {
        assertThat(client.read(5)).isEqualTo("+OK\r\n");
        String value = Integer.toString(i);
        String expected = "$" + value.length() + "\r\n" + value + "\r\n";
        assertThat(client.read(expected.length())).isEqualTo(expected);
      }
      join(sender);
    }
  }

  @Test
  void survivesAPipelineOfAMillionThatNobodyReads() throws IOException, InterruptedException {
    try (TestServer server = TestServer.start();
        WireClient flood = server.connect();
        WireClient other = server.connect()) {
      byte[] requests = Text.bytes("PING\r\n".repeat(1_000_000));
      Thread sender = sending(flood, requests);
      for (int i = 0; i < 100; i++) {
        assertThat(other.ask("PING")).isEqualTo("+PONG\r\n");
      }
      assertThat(server.sidecar().memory().used()).isLessThan(8 << 20);
      String pongs = flood.read(7 * 1_000_000);
      assertThat(pongs).isEqualTo("+PONG\r\n".repeat(1_000_000));
      join(sender);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 16, (1 << 16) + 1, 5_000_001, 40 << 20})
  void takesAndGivesLongValues(long length) throws IOException {
    byte[] value = new byte[(int) length];
    new Random(length).nextBytes(value);
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      client.request(Text.bytes("SET"), Text.bytes("k"), value);
      assertThat(client.reply()).isEqualTo("+OK\r\n");
      client.send("GET k\r\n");
      assertThat(client.reply()).isEqualTo("$" + length + "\r\n" + Text.of(value) + "\r\n");
      assertThat(client.ask("GETRANGE", "k", "60000", "1060000"))
          .endsWith(Text.of(value).substring(60_000, (int) Math.min(length, 1_060_001)) + "\r\n");
      awaitNoMemory(server);
    }
  }

  @Test
  void givesWhatLiesInMemoryWhileEveryWorkerWaits() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      String value = "v".repeat(300_000);
      assertThat(client.ask("SET", "k", value)).isEqualTo("+OK\r\n");
      MemoryObjects objects = server.objects(Tenant.NONE);
      List<WireClient> waiting = new ArrayList<>();
      try {
        objects.slowDown();
        for (int i = 0; i < TestServer.WORKERS; i++) {
          WireClient other = server.connect();
          waiting.add(other);
          other.send("STRLEN k\r\nGET k\r\n");
        }
        client.send("PING\r\nGET k\r\nPING\r\n");
        String bulk = "$300000\r\n" + value + "\r\n";
        assertThat(client.reply()).isEqualTo("+PONG\r\n");
        assertThat(client.reply()).isEqualTo(bulk);
        assertThat(client.reply()).isEqualTo("+PONG\r\n");
        objects.hurry();
        for (WireClient other : waiting) {
          assertThat(other.reply()).isEqualTo(":300000\r\n");
          assertThat(other.reply()).isEqualTo(bulk);
        }
      } finally {
        objects.hurry();
        for (WireClient other : waiting) {
          other.close();
        }
      }
      awaitNoMemory(server);
    }
  }

  @Test
  void streamsValuesThatAreLongerThanItReadsAhead() throws IOException {
    TestConfig config = new TestConfig().readAhead(1 << 20);
    String value = "v".repeat(9_000_000);
    try (TestServer server = new TestServer(config.build(), 1L << 30);
        WireClient client = server.connect()) {
      assertThat(client.ask("SET", "k", value)).isEqualTo("+OK\r\n");
      client.send("GET k\r\nMGET k nosuch k\r\nPING\r\n");
      String bulk = "$9000000\r\n" + value + "\r\n";
      assertThat(client.reply()).isEqualTo(bulk);
      assertThat(client.reply()).isEqualTo("*3\r\n" + bulk + "$-1\r\n" + bulk);
      assertThat(client.reply()).isEqualTo("+PONG\r\n");
      awaitNoMemory(server);
    }
  }

  @Test
  void holdsLittleForAClientThatDoesNotRead() throws IOException, InterruptedException {
    TestConfig config = new TestConfig().value(4 << 20).memory(16 << 20).stall(500);
    try (TestServer server = new TestServer(config.build(), 1L << 30);
        WireClient slow = server.connect();
        WireClient other = server.connect()) {
      String value = "v".repeat(4 << 20);
      assertThat(other.ask("SET", "k", value)).isEqualTo("+OK\r\n");
      slow.send("GET k\r\n".repeat(200));
      for (int i = 0; i < 20; i++) {
        assertThat(other.ask("STRLEN", "k")).isEqualTo(":4194304\r\n");
        assertThat(server.sidecar().memory().used()).isLessThanOrEqualTo(16 << 20);
        TimeUnit.MILLISECONDS.sleep(10);
      }
      assertThatThrownBy(() -> slow.read(Integer.MAX_VALUE - 8)).isInstanceOf(IOException.class);
      awaitNoMemory(server);
      assertThat(other.ask("GET", "k")).hasSize(value.length() + 12);
    }
  }

  @Test
  void sharesItsMemoryAmongManyWhoStoreAtOnce() throws IOException {
    TestConfig config = new TestConfig().value(4 << 20).memory(6 << 20);
    byte[] value = new byte[4 << 20];
    try (TestServer server = new TestServer(config.build(), 1L << 30)) {
      List<WireClient> clients = new ArrayList<>();
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        WireClient client = server.connect();
        clients.add(client);
        senders.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    client.request(Text.bytes("SET"), Text.bytes("k"), value);
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      for (WireClient client : clients) {
        assertThat(client.reply()).isEqualTo("+OK\r\n");
        client.close();
      }
      senders.forEach(ConnectionTest::join);
      awaitNoMemory(server);
    }
  }

  @Test
  void letsGoOfAClientThatLeavesARequestHalfSent() throws IOException {
    TestConfig config = new TestConfig().stall(200);
    try (TestServer server = new TestServer(config.build(), 1L << 30);
        WireClient half = server.connect();
        WireClient idle = server.connect()) {
      half.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc");
      assertThat(half.closedByServer()).isTrue();
      awaitNoMemory(server);
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void letsGoOfMemoryWhenAClientVanishes() throws IOException {
    try (TestServer server = TestServer.start()) {
      WireClient client = server.connect();
      client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000000\r\n" + "x".repeat(3_000_000));
      client.close();
      awaitNoMemory(server);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1\r\n$-5\r\n|invalid bulk length",
        "*1\r\n$9999999999\r\n|invalid bulk length",
        "*2147483648\r\n|invalid multibulk length",
        "*1\r\n!\r\n|expected '$', got '!'",
        "\"open\r\n|unbalanced quotes in request",
      })
  void saysWhatIsWrongAndHangsUp(String bytes) throws IOException {
    String[] parts = bytes.split("\\|", 2);
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      client.send("PING\r\n" + parts[0] + "PING\r\n");
      assertThat(client.reply()).isEqualTo("+PONG\r\n");
      assertThat(client.reply()).isEqualTo("-ERR Protocol error: " + parts[1] + "\r\n");
      assertThat(client.closedByServer()).isTrue();
    }
  }

  @Test
  void refusesAnInlineFlood() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      client.send("x".repeat(70_000));
      assertThat(client.reply()).isEqualTo("-ERR Protocol error: too big inline request\r\n");
    }
  }

  @Test
  void refusesAKeyOfAMegabyte() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      String key = "k".repeat(1 << 20);
      assertThat(client.ask("SET", key, "v"))
          .isEqualTo("-ERR a key of 1048576 bytes is too long, the longest has 65536\r\n");
      assertThat(client.ask("GET", "k".repeat(1 << 16))).isEqualTo("$-1\r\n");
    }
  }

  @Test
  void refusesClientsAboveTheLimit() throws IOException {
    TestConfig config = new TestConfig().clients(2);
    try (TestServer server = new TestServer(config.build(), 1L << 30);
        WireClient first = server.connect();
        WireClient second = server.connect()) {
      assertThat(first.ask("PING") + second.ask("PING")).isEqualTo("+PONG\r\n+PONG\r\n");
      try (WireClient third = server.connect()) {
        assertThat(third.reply()).isEqualTo("-ERR max number of clients reached\r\n");
        assertThat(third.closedByServer()).isTrue();
      }
    }
  }

  @Test
  void asksForPasswordsAndKeepsTenantsApart() throws IOException {
    Tenant tenant = Tenant.of(Text.bytes("key"), Text.bytes("alice"));
    Users users =
        new Users(
            List.of(
                user(User.DEFAULT, "secret", Tenant.NONE, true),
                user("alice", "wonder", tenant, true),
                user("reader", "look", tenant, false)));
    try (TestServer server = new TestServer(new TestConfig().users(users).build(), 1L << 30);
        WireClient client = server.connect()) {
      assertThat(client.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(client.ask("NOSUCH")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(client.ask("HELLO", "3")).startsWith("-NOAUTH HELLO must be called with");
      assertThat(client.ask("AUTH", "wrong")).startsWith("-WRONGPASS invalid username-password");
      assertThat(client.ask("AUTH", "secret")).isEqualTo("+OK\r\n");
      assertThat(client.ask("SET", "k", "default")).isEqualTo("+OK\r\n");
      assertThat(client.ask("AUTH", "alice", "wonder")).isEqualTo("+OK\r\n");
      assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
      assertThat(client.ask("SET", "k", "hers")).isEqualTo("+OK\r\n");
      assertThat(client.ask("HELLO", "3", "AUTH", "reader", "look")).startsWith("%7\r\n");
      assertThat(client.ask("GET", "k")).isEqualTo("$4\r\nhers\r\n");
      assertThat(client.ask("DEL", "k"))
          .isEqualTo("-NOPERM User reader has no permissions to run the 'del' command\r\n");
      assertThat(client.ask("CONFIG", "GET", "*")).startsWith("-NOPERM ");
      assertThat(client.ask("RESET")).isEqualTo("+RESET\r\n");
      assertThat(client.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.\r\n");
    }
  }

  @Test
  void letsStrangersSendLittle() throws IOException {
    Users users = new Users(List.of(user(User.DEFAULT, "secret", Tenant.NONE, true)));
    try (TestServer server = new TestServer(new TestConfig().users(users).build(), 1L << 30);
        WireClient client = server.connect()) {
      client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000\r\n");
      assertThat(client.reply()).isEqualTo("-ERR Protocol error: unauthenticated bulk length\r\n");
    }
  }

  @Test
  void answersWhatWasReceivedBeforeItEnds() throws IOException, InterruptedException {
    TestServer server = TestServer.start();
    try (WireClient client = server.connect();
        WireClient idle = server.connect()) {
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
      client.send("PING\r\n".repeat(50_000));
      assertThat(client.read(7)).isEqualTo("+PONG\r\n");
      Thread closing = Thread.ofPlatform().start(server::close);
      int answered = 1;
      try {
        while (client.read(7).equals("+PONG\r\n")) {
          answered++;
        }
      } catch (EOFException e) {
        assertThat(e).hasMessage("the server closed after ");
      }
      assertThat(answered).isGreaterThan(1);
      assertThat(idle.closedByServer()).isTrue();
      closing.join(Duration.ofSeconds(20));
      assertThat(closing.isAlive()).isFalse();
      assertThatThrownBy(server::connect).isInstanceOf(IOException.class);
    }
  }

  private static User user(String name, String password, Tenant tenant, boolean all) {
    PasswordHash hash = PasswordHash.of(Text.bytes(password));
    return new User(name, true, false, List.of(hash), all, all, tenant);
  }

  private static Thread sending(WireClient client, byte[] bytes) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            client.send(bytes);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitNoMemory(TestServer server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (server.sidecar().memory().used() > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(server.sidecar().memory().used()).isZero();
  }
}
