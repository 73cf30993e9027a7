package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sidecar.access.PasswordHash;
import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvCommandsTest {

  private static final int SPAN = TestModel.SPAN;
  private static final byte[] FOUR = TestModel.tokens(4 * SPAN + 3);

  @Test
  void answersWithTheseBytes() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(ask(client, "KV.MATCH", "m", "TOKENS", FOUR)).isEqualTo(match(0, "none"));
      assertThat(put(client, FOUR, 0, 4)).isEqualTo(":128\r\n");
      assertThat(ask(client, "KV.MATCH", "m", "TOKENS", FOUR)).isEqualTo(match(4, "fetch"));
      assertThat(ask(client, "KV.GET", "m", "TOKENS", FOUR, "CHUNKS", "1", "1"))
          .isEqualTo(
              "*2\r\n" + bulk(TestModel.frame(1, 0, "raw")) + bulk(TestModel.frame(1, 1, "raw")));
      assertThat(
              ask(
                  client, "KV.GET", "m", "TOKENS", FOUR, "LAYERS", "1", "1", "LEVEL", "int8",
                  "CHUNKS", "2", "2"))
          .isEqualTo(
              "*2\r\n" + bulk(TestModel.frame(2, 1, "int8")) + bulk(TestModel.frame(3, 1, "int8")));
      assertThat(ask(client, "KV.GET", "m", "IDS", "1,2,3")).isEqualTo("*0\r\n");
      assertThat(client.ask("KV.POLICY")).isEqualTo("*1\r\n$1\r\nm\r\n");
      assertThat(client.ask("KV.POLICY", "m"))
          .contains("$12\r\nchunk_tokens\r\n:32\r\n", "$4\r\nbf16\r\n", "$8\r\nlossless\r\n");
      assertThat(client.ask("KV.QUOTA", "m")).contains("$6\r\nchunks\r\n:4\r\n");
      assertThat(ask(client, "KV.EXPLAIN", "m", "TOKENS", FOUR))
          .contains("m: 128 of 131 tokens are stored (4 of 4 chunks of 32)", "hot: 8 blocks");
    }
  }

  private static String match(int chunks, String hint) {
    String hot =
        chunks == 0
            ? "*0\r\n"
            : "*2\r\n$3\r\nhot\r\n*2\r\n:%d\r\n:%d\r\n".formatted(chunks * 2, chunks * 2 * 8192);
    return "*16\r\n$6\r\ntokens\r\n:%d\r\n$6\r\nchunks\r\n:%d\r\n".formatted(chunks * SPAN, chunks)
        + "$5\r\nbytes\r\n:%d\r\n$5\r\ntiers\r\n%s".formatted(chunks * 2 * 8192, hot)
        + "$4\r\nhint\r\n$%d\r\n%s\r\n".formatted(hint.length(), hint)
        + "$12\r\nfetch_tokens\r\n:%d\r\n".formatted(chunks * SPAN)
        + "$8\r\nfetch_us\r\n:0\r\n$10\r\ncompute_us\r\n:0\r\n";
  }

  @Test
  void chunksArePutBehindEachOtherAndStoredOnesPassedOver() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(put(client, FOUR, 1, 1))
          .isEqualTo("-ERR 0 tokens of the context are stored: put the chunks from 0 on first\r\n");
      assertThat(put(client, FOUR, 0, 2)).isEqualTo(":64\r\n");
      assertThat(put(client, FOUR, 1, 3)).isEqualTo(":128\r\n");
      assertThat(put(client, FOUR, 0, 4)).isEqualTo(":128\r\n");
      assertThat(ask(client, "KV.GET", "m", "TOKENS", FOUR, "CHUNKS", "3", "1", "LAYERS", "0", "1"))
          .isEqualTo("*1\r\n" + bulk(TestModel.frame(3, 0, "raw")));
    }
  }

  @Test
  void framesThatAreDamagedWrongOrLossyAreRefusedAndWholeChunksStay() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      byte[] good = TestModel.frames(0, 2, "raw");
      byte[] damaged = good.clone();
      damaged[damaged.length - 1] ^= 1;
      assertThat(putBytes(client, FOUR, 0, 2, damaged))
          .isEqualTo("-ERR frame 3 is refused: the CRC of its payload differs\r\n");
      assertThat(ask(client, "KV.MATCH", "m", "TOKENS", FOUR)).isEqualTo(match(1, "fetch"));
      assertThat(putBytes(client, FOUR, 0, 2, Arrays.copyOf(good, good.length - 1)))
          .startsWith("-ERR the frames end in chunk 1, 2 chunks were announced");
      assertThat(putBytes(client, FOUR, 1, 1, good)).contains("next is layer 0 at token 32");
      assertThat(putBytes(client, FOUR, 0, 1, good)).contains("all chunks were there before it");
      assertThat(putBytes(client, FOUR, 1, 1, TestModel.frames(1, 2, "int8")))
          .contains("int8 is an approximation");
      assertThat(putBytes(client, FOUR, 1, 1, Text.bytes("x".repeat(50))))
          .contains("frame 0 is refused: no frame begins with");
      assertThat(putBytes(client, FOUR, 1, 1, TestModel.frames(1, 2, "lossless")))
          .isEqualTo(":64\r\n");
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(server.sidecar().counters().failures.sum()).isZero();
    }
  }

  @Test
  void hashesOfTheEngineNameBlocksOfTheirOwn() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(
              ask(
                  client,
                  "KV.PUT",
                  "m",
                  "HASHES",
                  "2",
                  "h-one",
                  "h-two",
                  "FRAMES",
                  TestModel.frames(0, 2, "raw")))
          .isEqualTo(":64\r\n");
      assertThat(ask(client, "KV.MATCH", "m", "HASHES", "3", "h-one", "h-two", "h-three"))
          .isEqualTo(match(2, "fetch"));
      assertThat(ask(client, "KV.MATCH", "m", "HASHES", "1", "h-two")).isEqualTo(match(0, "none"));
      assertThat(ask(client, "KV.MATCH", "m", "TOKENS", FOUR)).isEqualTo(match(0, "none"));
      assertThat(ask(client, "KV.GET", "m", "HASHES", "2", "h-one", "h-two", "CHUNKS", "1", "1"))
          .isEqualTo(
              "*2\r\n" + bulk(TestModel.frame(1, 0, "raw")) + bulk(TestModel.frame(1, 1, "raw")));
    }
  }

  @Test
  void pinsBelongToTheirTenant() throws IOException {
    Users users = new Users(List.of(user("alice"), user("bob")));
    try (TestModel model = new TestModel();
        TestServer server =
            new TestServer(new TestConfig().users(users).build(), 1 << 20, model.models());
        WireClient alice = server.connect();
        WireClient bob = server.connect()) {
      assertThat(alice.ask("KV.POLICY")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(alice.ask("AUTH", "alice", "secret")).isEqualTo("+OK\r\n");
      assertThat(bob.ask("AUTH", "bob", "secret")).isEqualTo("+OK\r\n");
      assertThat(put(alice, FOUR, 0, 4)).isEqualTo(":128\r\n");
      assertThat(ask(bob, "KV.MATCH", "m", "TOKENS", FOUR)).isEqualTo(match(0, "none"));
      assertThat(ask(bob, "KV.PIN", "m", "TOKENS", FOUR)).startsWith("-ERR ");
      String id = ask(alice, "KV.PIN", "m", "TOKENS", FOUR, "PX", "60000").substring(1).strip();
      assertThat(alice.ask("KV.PIN", "m", "LIST")).contains("$6\r\ntokens\r\n:128\r\n");
      assertThat(bob.ask("KV.PIN", "m", "LIST")).isEqualTo("*0\r\n");
      assertThat(bob.ask("KV.PIN", "m", "END", id)).isEqualTo(":0\r\n");
      assertThat(alice.ask("KV.PIN", "m", "END", id)).isEqualTo(":1\r\n");
      assertThat(alice.ask("KV.PIN", "m", "END", id)).isEqualTo(":0\r\n");
    }
  }

  private static User user(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    PasswordHash secret = PasswordHash.of("secret".getBytes(StandardCharsets.UTF_8));
    return new User(name, true, false, List.of(secret), true, true, Tenant.of(new byte[32], bytes));
  }

  @Test
  void theHintFollowsWhatTheEngineReports() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(client.ask("KV.POLICY", "m", "PREFILL", "100", "0", "50000")).isEqualTo("+OK\r\n");
      assertThat(client.ask("KV.POLICY", "m"))
          .contains("$20\r\nprefill_ns_per_token\r\n$10\r\n500000.000\r\n");
      assertThat(put(client, FOUR, 0, 2)).isEqualTo(":64\r\n");
      assertThat(ask(client, "KV.MATCH", "m", "TOKENS", FOUR))
          .contains("$10\r\ncompute_us\r\n:32000\r\n");
    }
  }

  @Test
  void aHotTierWithoutRoomIsAnErrorInTheWordsOfRedis() throws IOException {
    try (TestModel model = new TestModel(2 * 8192);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(put(client, FOUR, 0, 4))
          .startsWith("-OOM command not allowed when used memory > 'maxmemory': ");
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KV.MATCH nosuch IDS 1 | -ERR no such model 'nosuch', there are: m",
        "KV.MATCH m | -ERR wrong number of arguments for 'kv.match' command",
        "KV.MATCH m WORDS hello | -ERR name the context: TOKENS bytes, IDS text or HASHES count"
            + " hash [hash ...]",
        "KV.MATCH m TOKENS abc | -ERR TOKENS takes 4 bytes a token, little-endian: 3 bytes",
        "KV.MATCH m TOKENS ÿÿÿÿ | -ERR a token id must be between 0 and 2147483647: 4294967295",
        "KV.MATCH m IDS 1,x | -ERR IDS takes token ids, as in 1,15,7: 'x'",
        "KV.MATCH m IDS 1,-5 | -ERR IDS takes token ids, as in 1,15,7: '-5'",
        "KV.MATCH m IDS 1,9999999999 | -ERR a token id must be between 0 and 2147483647:"
            + " 9999999999",
        "KV.MATCH m HASHES 3 a b | -ERR 3 hashes are announced and 2 given",
        "KV.MATCH m HASHES -1 a | -ERR the number of hashes must be between 0 and 131072: -1",
        "KV.MATCH m HASHES x a | -ERR value is not an integer or out of range",
        "KV.MATCH m IDS 1 more | -ERR syntax error",
        "KV.GET m IDS 1 CHUNKS 0 1 | -ERR the number of chunks must be between 0 and 0: 1",
        "KV.GET m IDS 1 CHUNKS 0 | -ERR syntax error",
        "KV.GET m IDS 1 LAYERS 2 1 | -ERR the number of layers must be between 0 and 0: 1",
        "KV.GET m IDS 1 LAYERS -1 1 | -ERR the first of the layers must be between 0 and 2: -1",
        "KV.GET m IDS 1 LEVEL mp3 | -ERR no encoding is named 'mp3'",
        "KV.GET m IDS 1 HOW | -ERR syntax error",
        "KV.PUT m IDS 1 VALUES x | -ERR syntax error",
        "KV.PUT m IDS 1 FRAMES x y | -ERR syntax error",
        "KV.PUT m IDS 1 TOKENS abcd FRAMES x | -ERR syntax error",
        "KV.PUT m HASHES 1 a TOKENS abc FRAMES x | -ERR TOKENS takes 4 bytes a token",
        "KV.PUT m HASHES 1 a TOKENS \u0001\0\0\0 FRAMES x | -ERR 1 hashes stand for 32 tokens,"
            + " TOKENS has 1",
        "KV.PIN m END x | -ERR value is not an integer or out of range",
        "KV.PIN m IDS 1 PX 0 | -ERR the time of a pin must be between 1 and 35184372088832: 0",
        "KV.POLICY m PREFILL 0 0 1 | -ERR tokens must be between 1 and 4194304: 0",
        "KV.POLICY m WHY | -ERR syntax error",
        "KV.QUOTA m more | -ERR wrong number of arguments for 'kv.quota' command",
      })
  void whatIsWrongIsSaid(String line) throws IOException {
    String[] parts = line.split(" \\| ", 2);
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(client.ask(parts[0].split(" "))).startsWith(parts[1]);
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void aServerWithoutModelsSaysHowToGetThem() throws IOException {
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      assertThat(client.ask("KV.MATCH", "m", "IDS", "1"))
          .isEqualTo("-ERR no such model 'm', this server knows none: set models.file\r\n");
      assertThat(client.ask("KV.POLICY")).isEqualTo("*0\r\n");
    }
  }

  @Test
  void aReaderThatLeavesInTheMiddleLetsGoOfTheContext() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model)) {
      try (WireClient client = server.connect()) {
        assertThat(put(client, FOUR, 0, 4)).isEqualTo(":128\r\n");
        for (int i = 0; i < 50; i++) {
          client.request(bytes("KV.GET", "m", "TOKENS", FOUR));
        }
        assertThat(client.read(5)).isEqualTo("*8\r\n$");
      }
      try (WireClient other = server.connect()) {
        assertThat(other.ask("PING")).isEqualTo("+PONG\r\n");
      }
    }
  }

  private static TestServer start(TestModel model) throws IOException {
    return new TestServer(TestServer.CONFIG, 1 << 20, model.models());
  }

  private static String put(WireClient client, byte[] tokens, int first, int count)
      throws IOException {
    return putBytes(client, tokens, first, count, TestModel.frames(first, first + count, "raw"));
  }

  private static String putBytes(
      WireClient client, byte[] tokens, int first, int count, byte[] frames) throws IOException {
    return ask(
        client,
        "KV.PUT",
        "m",
        "TOKENS",
        tokens,
        "CHUNKS",
        "" + first,
        "" + count,
        "FRAMES",
        frames);
  }

  private static String ask(WireClient client, Object... arguments) throws IOException {
    client.request(bytes(arguments));
    return client.reply();
  }

  private static byte[][] bytes(Object... arguments) {
    return Arrays.stream(arguments)
        .map(argument -> argument instanceof byte[] raw ? raw : Text.bytes((String) argument))
        .toArray(byte[][]::new);
  }

  private static String bulk(byte[] bytes) {
    return "$" + bytes.length + "\r\n" + Text.of(bytes) + "\r\n";
  }
}
