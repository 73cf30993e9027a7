package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.wire.WireBlocks;
import dev.varve.sidecar.resp.Text;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvStreamTest {

  private static final int SPAN = TestModel.SPAN;
  private static final byte[] TOKENS = TestModel.tokens(3 * SPAN);

  @Test
  void withoutATargetEverythingIsSentAtTheLeastLossyLevel() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      put(client);
      StringBuilder expected = new StringBuilder("*3\r\n");
      for (int chunk = 0; chunk < 3; chunk++) {
        expected.append(frames(chunk, "lossless"));
      }
      assertThat(ask(client, "KV.STREAM", "m", "TOKENS", TOKENS)).isEqualTo(expected.toString());
      assertThat(
              ask(
                  client,
                  "KV.STREAM",
                  "m",
                  "TOKENS",
                  TOKENS,
                  "CHUNKS",
                  "1",
                  "1",
                  "LEVELS",
                  "2",
                  "raw",
                  "int8"))
          .isEqualTo("*1\r\n" + frames(1, "raw"));
      assertThat(client.ask("KV.STREAM", "m", "IDS", "1,2")).isEqualTo("*0\r\n");
    }
  }

  @Test
  void aTargetThatIsNearTakesTheSmallestAndOneThatIsFarTheBest() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      put(client);
      String near =
          ask(
              client,
              "KV.STREAM",
              "m",
              "TOKENS",
              TOKENS,
              "TARGET",
              "1",
              "RATE",
              "1000",
              "LEVELS",
              "2",
              "raw",
              "int8");
      assertThat(near)
          .isEqualTo("*3\r\n" + frames(0, "int8") + frames(1, "int8") + frames(2, "int8"));
      String far =
          ask(
              client,
              "KV.STREAM",
              "m",
              "TOKENS",
              TOKENS,
              "TARGET",
              "86400000",
              "RATE",
              "1000000",
              "LEVELS",
              "2",
              "raw",
              "int8");
      assertThat(far).isEqualTo("*3\r\n" + frames(0, "raw") + frames(1, "raw") + frames(2, "raw"));
    }
  }

  @Test
  void textIsSentToWhoTakesItWhereComputingIsFaster() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      put(client);
      assertThat(client.ask("KV.POLICY", "m", "PREFILL", "1000", "0", "1")).isEqualTo("+OK\r\n");
      MemorySegment ids = MemorySegment.ofArray(Arrays.copyOfRange(TOKENS, SPAN * 4, 2 * SPAN * 4));
      byte[] frame = WireBlocks.text(SPAN, SPAN, ids).toArray(ValueLayout.JAVA_BYTE);
      String[] slow = {"CHUNKS", "1", "1", "RATE", "1000"};
      assertThat(
              ask(
                  client,
                  "KV.STREAM",
                  "m",
                  "TOKENS",
                  TOKENS,
                  slow[0],
                  slow[1],
                  slow[2],
                  slow[3],
                  slow[4],
                  "TEXT"))
          .isEqualTo("*1\r\n*1\r\n" + bulk(frame));
      assertThat(
              ask(
                  client,
                  "KV.STREAM",
                  "m",
                  "TOKENS",
                  TOKENS,
                  slow[0],
                  slow[1],
                  slow[2],
                  slow[3],
                  slow[4]))
          .isEqualTo("*1\r\n" + frames(1, "lossless"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TARGET 0 | -ERR the target must be between 1 and 86400000: 0",
        "TARGET | -ERR syntax error",
        "RATE -1 | -ERR the rate must be between 1 and",
        "FLOOR x | -ERR value is not an integer or out of range",
        "LEVELS 0 | -ERR the number of levels must be between 1 and 16: 0",
        "LEVELS 2 raw | -ERR syntax error",
        "LEVELS 1 zip | -ERR no encoding is named 'zip'",
        "FASTER | -ERR syntax error",
      })
  void whatIsWrongIsSaid(String line) throws IOException {
    String[] parts = line.split(" \\| ", 2);
    try (TestModel model = new TestModel();
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(client.ask(("KV.STREAM m IDS 1 " + parts[0]).split(" "))).startsWith(parts[1]);
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  private static TestServer start(TestModel model) throws IOException {
    return new TestServer(TestServer.CONFIG, 1 << 20, model.models());
  }

  private static void put(WireClient client) throws IOException {
    assertThat(
            ask(client, "KV.PUT", "m", "TOKENS", TOKENS, "FRAMES", TestModel.frames(0, 3, "raw")))
        .isEqualTo(":96\r\n");
  }

  private static String ask(WireClient client, Object... arguments) throws IOException {
    client.request(
        Arrays.stream(arguments)
            .map(argument -> argument instanceof byte[] raw ? raw : Text.bytes((String) argument))
            .toArray(byte[][]::new));
    return client.reply();
  }

  private static String frames(int chunk, String level) {
    return "*2\r\n"
        + bulk(TestModel.frame(chunk, 0, level))
        + bulk(TestModel.frame(chunk, 1, level));
  }

  private static String bulk(byte[] bytes) {
    return "$" + bytes.length + "\r\n" + Text.of(bytes) + "\r\n";
  }
}
