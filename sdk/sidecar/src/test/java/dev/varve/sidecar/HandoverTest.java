package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sidecar.access.PasswordHash;
import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.handover.HandoverConfig;
import dev.varve.sidecar.handover.ShelfState;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.status.HandoverState;
import dev.varve.store.BlockChecksum;
import dev.varve.store.Tenant;
import dev.varve.store.local.MappedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandoverTest {

  private static final long PAGE = 4096;
  private static final String NIL = "$-1\r\n";

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("varve.sock");
  }

  private TestServer start(long fileBytes, Users users, Models models) throws IOException {
    SidecarConfig config =
        new TestConfig()
            .users(users)
            .build()
            .handingOver(Optional.of(new HandoverConfig(path(), fileBytes, 2, 8)));
    return new TestServer(config, 1L << 30, models);
  }

  private TestServer start(long fileBytes) throws IOException {
    return start(fileBytes, Users.OPEN, Models.NONE);
  }

  private static ShelfState state(TestServer server) {
    return server.sidecar().local().orElseThrow().shelves().state();
  }

  private static void await(TestServer server, Predicate<ShelfState> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!wanted.test(state(server))) {
      assertThat(System.nanoTime()).as("%s", state(server)).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static String crc(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    return ":" + Integer.toUnsignedLong(BlockChecksum.crc32c(MemorySegment.ofArray(bytes)));
  }

  private static String text(MappedFile file, long offset, long length) {
    byte[] bytes = file.memory().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void answersWithTheseBytes() throws IOException {
    try (TestServer server = start(4 * PAGE);
        LocalWire client = new LocalWire(path())) {
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(client.ask("SET", "k", "value")).isEqualTo("+OK\r\n");
      assertThat(client.ask("KV.LEASEKEYS", "k"))
          .isEqualTo("-ERR map the memory file of this user first: KV.MAP\r\n");
      assertThat(client.ask("KV.MAP"))
          .isEqualTo("*4\r\n$4\r\nfile\r\n:1\r\n$5\r\nbytes\r\n:16384\r\n");
      assertThat(client.socket().takeFile()).isPresent();
      assertThat(client.ask("KV.LEASEKEYS", "k", "nosuch"))
          .isEqualTo("*2\r\n:1\r\n*2\r\n*3\r\n:0\r\n:5\r\n:3789554531\r\n" + NIL)
          .contains(crc("value"));
      assertThat(client.ask("KV.LEASEKEYS", "nosuch")).isEqualTo("*2\r\n:0\r\n*1\r\n" + NIL);
      assertThat(client.ask("KV.RELEASE", "1", "7")).isEqualTo(":1\r\n");
      assertThat(client.ask("KV.RELEASE", "1")).isEqualTo(":0\r\n");
      assertThat(client.ask("HELLO", "3")).startsWith("%");
      assertThat(client.ask("KV.MAP"))
          .isEqualTo("%2\r\n$4\r\nfile\r\n:1\r\n$5\r\nbytes\r\n:16384\r\n");
      assertThat(server.sidecar().counters().failures.sum()).isZero();
    }
  }

  @Test
  void wrongInputIsRefusedAndTheConnectionGoesOn() throws IOException {
    try (TestServer server = start(4 * PAGE);
        WireClient far = server.connect();
        LocalWire client = new LocalWire(path());
        MappedFile file = client.map()) {
      assertThat(file.memory().byteSize()).isEqualTo(4 * PAGE);
      for (String[] request :
          List.of(
              new String[] {"KV.MAP"},
              new String[] {"KV.LEASEKEYS", "k"},
              new String[] {"KV.RELEASE", "1"},
              new String[] {"KV.LEASE", "m", "IDS", "1,2"})) {
        assertThat(far.ask(request))
            .isEqualTo(
                "-ERR memory is handed over at the Unix socket that handover.socket names, and"
                    + " nowhere else: connect to it\r\n");
      }
      assertThat(client.ask("KV.MAP", "x"))
          .isEqualTo("-ERR wrong number of arguments for 'kv.map' command\r\n");
      assertThat(client.ask("KV.LEASEKEYS"))
          .isEqualTo("-ERR wrong number of arguments for 'kv.leasekeys' command\r\n");
      assertThat(client.ask("KV.RELEASE", "x"))
          .isEqualTo("-ERR value is not an integer or out of range\r\n");
      assertThat(client.ask("KV.RELEASE", "-9223372036854775808")).isEqualTo(":0\r\n");
      assertThat(client.ask("KV.LEASE", "m", "IDS", "1,2"))
          .isEqualTo("-ERR no such model 'm', this server knows none: set models.file\r\n");
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      client.wire().send("*1\r\n$-5\r\n");
      assertThat(client.wire().reply()).isEqualTo("-ERR Protocol error: invalid bulk length\r\n");
      assertThat(client.wire().closedByServer()).isTrue();
    }
  }

  @Test
  void aValueThatLiesThereIsHandedOverWithoutACopy() throws IOException {
    try (TestServer server = start(4 * PAGE);
        LocalWire one = new LocalWire(path());
        LocalWire other = new LocalWire(path());
        MappedFile file = one.map();
        MappedFile same = other.map()) {
      one.ask("SET", "k", "value");
      assertThat(one.ask("KV.LEASEKEYS", "k")).contains(":0\r\n:5\r\n");
      assertThat(other.ask("KV.LEASEKEYS", "k")).contains(":0\r\n:5\r\n");
      assertThat(text(file, 0, 5)).isEqualTo("value");
      assertThat(text(same, 0, 5)).isEqualTo("value");
      assertThat(state(server).copied()).isEqualTo(1);
      assertThat(state(server).found()).isEqualTo(1);
      one.ask("SET", "k", "another");
      assertThat(other.ask("KV.LEASEKEYS", "k")).contains(":4096\r\n:7\r\n" + crc("another"));
      assertThat(text(same, 0, 5)).as("what is leased stays").isEqualTo("value");
      one.ask("DEL", "k");
      assertThat(other.ask("KV.LEASEKEYS", "k")).isEqualTo("*2\r\n:0\r\n*1\r\n" + NIL);
      assertThat(text(same, 4096, 7)).isEqualTo("another");
      assertThat(other.ask("KV.RELEASE", "1", "2")).isEqualTo(":2\r\n");
      assertThat(one.ask("KV.RELEASE", "1")).isEqualTo(":1\r\n");
      assertThat(state(server).used()).as("nobody finds these any more").isZero();
    }
  }

  @Test
  void aFullFileMakesRoomAndWhereAllIsLeasedSaysSo() throws IOException {
    try (TestServer server = start(2 * PAGE);
        LocalWire client = new LocalWire(path());
        MappedFile file = client.map()) {
      for (String key : List.of("a", "b", "c")) {
        client.ask("SET", key, key.repeat(4000));
      }
      client.ask("SET", "large", "x".repeat(10_000));
      assertThat(client.ask("KV.LEASEKEYS", "a", "b")).startsWith("*2\r\n:1\r\n");
      assertThat(client.ask("KV.LEASEKEYS", "c"))
          .isEqualTo(
              "-FULL 8192 of 8192 bytes of the memory file are leased and leave no place for 4000:"
                  + " release leases, or read the value over the socket\r\n");
      assertThat(client.ask("KV.LEASEKEYS", "large"))
          .isEqualTo(
              "-FULL a value of 10000 bytes has no place in a memory file of 8192: set"
                  + " handover.memory to more\r\n");
      assertThat(client.ask("GET", "c")).as("the socket path").contains("cccc");
      client.ask("KV.RELEASE", "1");
      assertThat(client.ask("KV.LEASEKEYS", "b")).startsWith("*2\r\n:2\r\n");
      assertThat(client.ask("KV.LEASEKEYS", "c")).as("a makes room").contains(":0\r\n:4000\r\n");
      assertThat(text(file, 0, 4000)).isEqualTo("c".repeat(4000));
      assertThat(client.ask("KV.LEASEKEYS", "b", "a")).as("all or nothing").startsWith("-FULL ");
      client.ask("KV.RELEASE", "2", "3");
      assertThat(state(server).leased()).isZero();
      assertThat(state(server).displaced()).isEqualTo(1);
    }
  }

  private static User user(String name, Tenant tenant) {
    PasswordHash password = PasswordHash.of(name.getBytes(StandardCharsets.UTF_8));
    return new User(name, true, false, List.of(password), true, true, tenant);
  }

  @Test
  void aTenantSeesItsOwnBytesOnly() throws Exception {
    Users users =
        new Users(
            List.of(
                user("alice", new Tenant(1, 1)),
                user("bob", new Tenant(2, 2)),
                user("carol", new Tenant(3, 3))));
    try (TestServer server = start(2 * PAGE, users, Models.NONE);
        LocalWire stranger = new LocalWire(path());
        LocalWire alice = new LocalWire(path());
        LocalWire bob = new LocalWire(path())) {
      assertThat(stranger.ask("KV.MAP")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(stranger.socket().takeFile()).isEmpty();
      assertThat(stranger.ask("AUTH", "alice", "wrong")).startsWith("-WRONGPASS");
      assertThat(alice.ask("AUTH", "alice", "alice")).isEqualTo("+OK\r\n");
      assertThat(bob.ask("AUTH", "bob", "bob")).isEqualTo("+OK\r\n");
      try (MappedFile hers = alice.map();
          MappedFile his = bob.map()) {
        alice.ask("SET", "k", "secret");
        alice.ask("KV.LEASEKEYS", "k");
        assertThat(text(hers, 0, 6)).isEqualTo("secret");
        assertThat(bob.ask("KV.LEASEKEYS", "k")).isEqualTo("*2\r\n:0\r\n*1\r\n" + NIL);
        assertThat(text(his, 0, 2 * PAGE)).isEqualTo("\0".repeat((int) (2 * PAGE)));
      }
      assertThat(alice.ask("AUTH", "bob", "bob")).isEqualTo("+OK\r\n");
      assertThat(alice.ask("KV.LEASEKEYS", "k")).startsWith("-ERR map the memory file");
      assertThat(stranger.ask("AUTH", "carol", "carol")).isEqualTo("+OK\r\n");
      assertThat(stranger.ask("KV.MAP"))
          .isEqualTo(
              "-FULL 2 tenants have a memory file, which is the most there may be: set"
                  + " handover.tenants to more, or use the port\r\n");
      bob.socket().shutdown();
      alice.socket().shutdown();
      await(server, state -> state.leased() == 0);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!stranger.ask("KV.MAP").contains("file")) {
        assertThat(System.nanoTime()).isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  @Test
  void leasesOfAClientThatVanishesEnd() throws Exception {
    try (TestServer server = start(PAGE);
        LocalWire stays = new LocalWire(path());
        MappedFile file = stays.map()) {
      assertThat(file.memory().byteSize()).isEqualTo(PAGE);
      stays.ask("SET", "a", "1");
      stays.ask("SET", "b", "2");
      try (LocalWire vanishes = new LocalWire(path());
          MappedFile same = vanishes.map()) {
        assertThat(vanishes.ask("KV.LEASEKEYS", "a")).startsWith("*2\r\n:1\r\n");
        assertThat(text(same, 0, 1)).isEqualTo("1");
        assertThat(stays.ask("KV.LEASEKEYS", "b")).startsWith("-FULL");
        assertThat(stays.ask("KV.RELEASE", "1")).as("another client's lease").isEqualTo(":0\r\n");
        vanishes.wire().send("*2\r\n$10\r\nKV.REL");
      }
      await(server, state -> state.leased() == 0);
      assertThat(stays.ask("KV.LEASEKEYS", "b")).startsWith("*2\r\n:1\r\n");
    }
  }

  @Test
  void largeValuesPassOverTheSocketInBothDirections() throws IOException {
    try (TestServer server = start(PAGE);
        LocalWire client = new LocalWire(path())) {
      String value = "0123456789".repeat(300_000);
      assertThat(client.ask("SET", "k", value)).isEqualTo("+OK\r\n");
      assertThat(client.ask("GET", "k")).isEqualTo("$3000000\r\n" + value + "\r\n");
      assertThat(server.sidecar().memory().used()).isZero();
    }
  }

  @Test
  void blocksOfAModelLieThereRaw() throws IOException {
    byte[] tokens = TestModel.tokens(2 * TestModel.SPAN);
    byte[] frames = TestModel.frames(0, 2, "raw");
    try (TestModel model = new TestModel();
        TestServer server = start(1 << 20, Users.OPEN, model.models());
        LocalWire client = new LocalWire(path());
        MappedFile file = client.map()) {
      byte[] name = "m".getBytes(StandardCharsets.UTF_8);
      client
          .wire()
          .request(bytes("KV.PUT"), name, bytes("TOKENS"), tokens, bytes("FRAMES"), frames);
      assertThat(client.wire().reply()).isEqualTo(":64\r\n");
      client.wire().request(bytes("KV.LEASE"), name, bytes("TOKENS"), tokens);
      List<Long> all = LocalWire.numbers(client.wire().reply());
      assertThat(all).hasSize(1 + 4 * 5).startsWith(1L, 0L, 0L);
      for (int i = 0; i < 4; i++) {
        List<Long> block = all.subList(1 + i * 5, 6 + i * 5);
        MemorySegment expected = TestModel.block(i / 2, i % 2);
        assertThat(block.subList(0, 2)).containsExactly((long) i / 2, (long) i % 2);
        MemorySegment found = file.memory().asSlice(block.get(2), block.get(3));
        assertThat(found.mismatch(expected)).isEqualTo(-1);
        assertThat((int) (long) block.get(4)).isEqualTo(BlockChecksum.crc32c(expected));
      }
      client
          .wire()
          .request(
              bytes("KV.LEASE"),
              name,
              bytes("TOKENS"),
              tokens,
              bytes("CHUNKS"),
              bytes("1"),
              bytes("1"),
              bytes("LAYERS"),
              bytes("1"),
              bytes("1"));
      List<Long> one = LocalWire.numbers(client.wire().reply());
      assertThat(one).hasSize(6).startsWith(2L, 1L, 1L).endsWith(all.getLast());
      assertThat(state(server).copied()).isEqualTo(4);
      assertThat(client.ask("KV.LEASE", "m", "IDS", "1,2,3")).isEqualTo("*2\r\n:0\r\n*0\r\n");
      assertThat(client.ask("KV.LEASE", "m", "IDS", "1,2,3", "LEVEL", "int8"))
          .isEqualTo("-ERR syntax error\r\n");
      assertThat(client.ask("KV.RELEASE", "1", "2")).isEqualTo(":2\r\n");
      assertThat(state(server).leased()).isZero();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aServerThatEndsAnswersWhatCameAndRemovesTheSocket() throws IOException {
    LocalWire client;
    MappedFile file;
    try (TestServer server = start(PAGE)) {
      assertThat(Files.exists(path())).isTrue();
      client = new LocalWire(path());
      file = client.map();
      client.ask("SET", "k", "kept");
      client.ask("KV.LEASEKEYS", "k");
      HandoverState state = server.sidecar().local().orElseThrow().state();
      assertThat(state)
          .isEqualTo(new HandoverState(path().toString(), 1, 1, PAGE, PAGE, PAGE, 1, 0, 1, 0));
    }
    try (client;
        file) {
      assertThat(path()).doesNotExist();
      assertThat(client.wire().closedByServer()).isTrue();
      assertThat(text(file, 0, 4)).as("memory that is mapped stays").isEqualTo("kept");
    }
    try (TestServer again = start(PAGE);
        LocalWire next = new LocalWire(path());
        MappedFile other = next.map()) {
      assertThat(state(again).copied()).isZero();
      assertThat(other.memory().byteSize()).isEqualTo(PAGE);
    }
  }

  @Test
  void aPlaceThatCannotBeIsASentenceAndNoServer() throws IOException {
    Path file = Files.writeString(folder.resolve("varve.sock"), "");
    assertThatThrownBy(() -> start(PAGE).close())
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot listen at "
                + file
                + ": there is a file that is no socket: remove it or choose another path");
    assertThatThrownBy(() -> new HandoverConfig(file, 1L << 40, 4, 8).check(1L << 34))
        .hasMessage(
            "4 memory files of 1099511627776 bytes are more than the 17179869184 bytes of this"
                + " machine: set less");
  }
}
