package dev.varve.sidecar;

import static dev.varve.sidecar.ContextModel.LAYER;
import static dev.varve.sidecar.ContextModel.LAYERS;
import static dev.varve.sidecar.ContextModel.SPAN;
import static dev.varve.sidecar.ContextModel.TOKENS;
import static dev.varve.sidecar.ContextModel.ask;
import static dev.varve.sidecar.ContextModel.f16;
import static dev.varve.sidecar.ContextModel.f32;
import static dev.varve.sidecar.ContextModel.ids;
import static dev.varve.sidecar.ContextModel.queries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.sdk.attention.PartialAttention;
import dev.varve.sidecar.resp.Text;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvAttendTest {

  private static final double SCALE = LAYER.scale();
  private static final int ROW = LAYER.queryHeads() * LAYER.keyDim();

  @TempDir Path folder;

  private static TestServer start(ContextModel model) throws IOException {
    return new TestServer(TestServer.CONFIG, 1 << 20, model.models());
  }

  private static int[] positions(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Compares one layer of a reply with the definition. */
  private static PartialAttention check(
      ContextModel model,
      WireClient client,
      Object layer,
      float[] queries,
      int[] seen,
      double scale,
      double bound)
      throws IOException {
    int number = (int) (long) ReplyTree.item(layer, 0);
    float[] outputs = ReplyTree.floats(ReplyTree.item(layer, 1));
    float[] sums = ReplyTree.floats(ReplyTree.item(layer, 2));
    List<MemorySegment> blocks = model.stored(client, number);
    int count = queries.length / LAYER.keyDim();
    assertThat(sums).hasSize(count);
    assertThat(outputs).hasSize(count * LAYER.valueDim());
    for (int query = 0; query < count; query++) {
      double[] expected = model.attended(blocks, queries, query, seen, scale);
      for (int i = 0; i < LAYER.valueDim(); i++) {
        assertThat((double) outputs[query * LAYER.valueDim() + i])
            .as("layer %d query %d element %d", number, query, i)
            .isCloseTo(expected[i], within(bound));
      }
      assertThat((double) sums[query]).isCloseTo(expected[LAYER.valueDim()], within(bound));
    }
    PartialAttention result = new PartialAttention(count, LAYER.valueDim());
    result.set(outputs, sums);
    return result;
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot", "f16", "int8", "ssd"})
  void attendsAsTheDefinitionSaysWhereverTheBlocksAre(String where) throws IOException {
    // Rows that are read head by head where they lie are not rounded to the element type.
    double bound = where.equals("int8") ? 4e-3 : 2e-5;
    try (ContextModel model = new ContextModel(where, folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).isEqualTo(":" + TOKENS + "\r\n");
      float[] queries = queries(LAYERS, 2, 7);
      for (int round = 0; round < 3; round++) {
        Object reply =
            ReplyTree.of(
                ask(
                    client,
                    "KV.ATTEND",
                    "m",
                    "TOKENS",
                    ids(),
                    "QUERIES",
                    "2",
                    "f32",
                    f32(queries)));
        assertThat(ReplyTree.get(reply, "first")).isEqualTo(0L);
        assertThat(ReplyTree.get(reply, "tokens")).isEqualTo((long) TOKENS);
        List<?> layers = (List<?>) ReplyTree.get(reply, "layers");
        assertThat(layers).hasSize(LAYERS);
        for (int layer = 0; layer < LAYERS; layer++) {
          assertThat(ReplyTree.item(layers.get(layer), 0)).isEqualTo((long) layer);
          float[] own = Arrays.copyOfRange(queries, layer * 2 * ROW, (layer + 1) * 2 * ROW);
          check(model, client, layers.get(layer), own, positions(0, TOKENS), SCALE, bound);
        }
      }
      assertThat(server.sidecar().memory().used()).isZero();
    }
  }

  @Test
  void twoHalvesMergeToTheWhole() throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      float[] queries = queries(1, 3, 8);
      Object[] request = {"KV.ATTEND", "m", "TOKENS", ids(), "LAYERS", "1", "1"};
      Object[] asked = {"QUERIES", "3", "f32", f32(queries)};
      Object left = ReplyTree.of(ask(client, joined(request, asked, "CHUNKS", "0", "2")));
      Object right = ReplyTree.of(ask(client, joined(request, asked, "CHUNKS", "2", "4")));
      assertThat(ReplyTree.get(right, "first")).isEqualTo(2L * SPAN);
      assertThat(ReplyTree.get(right, "tokens")).isEqualTo(4L * SPAN);
      Object whole = ReplyTree.of(ask(client, joined(request, asked)));
      PartialAttention sum = checkOne(model, client, left, queries, positions(0, 2 * SPAN));
      sum.merge(checkOne(model, client, right, queries, positions(2 * SPAN, TOKENS)));
      PartialAttention all = checkOne(model, client, whole, queries, positions(0, TOKENS));
      for (int i = 0; i < all.outputs().length; i++) {
        assertThat(sum.outputs()[i]).isCloseTo(all.outputs()[i], within(1e-5f));
      }
      for (int i = 0; i < all.logSumExps().length; i++) {
        assertThat(sum.logSumExps()[i]).isCloseTo(all.logSumExps()[i], within(1e-5f));
      }
    }
  }

  private static PartialAttention checkOne(
      ContextModel model, WireClient client, Object reply, float[] queries, int[] seen)
      throws IOException {
    Object layer = ReplyTree.item(ReplyTree.get(reply, "layers"), 0);
    return check(model, client, layer, queries, seen, SCALE, 2e-5);
  }

  private static Object[] joined(Object[] one, Object[] other, Object... more) {
    return Stream.of(one, other, more).flatMap(Arrays::stream).toArray();
  }

  @Test
  void scaleTakesThePlaceOfTheModelsAndHalvesAreTakenAsQueries() throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      float[] queries = queries(1, 1, 9);
      for (int i = 0; i < queries.length; i++) {
        queries[i] = Float.float16ToFloat(Float.floatToFloat16(queries[i]));
      }
      Object reply =
          ReplyTree.of(
              ask(
                  client,
                  "KV.ATTEND",
                  "m",
                  "TOKENS",
                  ids(),
                  "SCALE",
                  "0.5",
                  "QUERIES",
                  "1",
                  "f16",
                  f16(queries),
                  "LAYERS",
                  "2",
                  "1"));
      Object layer = ReplyTree.item(ReplyTree.get(reply, "layers"), 0);
      check(model, client, layer, queries, positions(0, TOKENS), 0.5, 2e-5);
    }
  }

  @Test
  void whatIsNotStoredIsNotCoveredAndChangesNothing() throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      byte[] more = Arrays.copyOf(ids(), ids().length + 4 * 3 * SPAN);
      byte[] one = f32(queries(1, 1, 10));
      Object beyond =
          ReplyTree.of(
              ask(
                  client,
                  "KV.ATTEND",
                  "m",
                  "TOKENS",
                  more,
                  "QUERIES",
                  "1",
                  "f32",
                  one,
                  "LAYERS",
                  "0",
                  "1",
                  "CHUNKS",
                  "5",
                  "3"));
      assertThat(ReplyTree.get(beyond, "first")).isEqualTo(5L * SPAN);
      assertThat(ReplyTree.get(beyond, "tokens")).isEqualTo((long) SPAN);
      for (String range : List.of("6 2", "6 0")) {
        Object nothing =
            ReplyTree.of(
                ask(
                    client,
                    "KV.ATTEND",
                    "m",
                    "TOKENS",
                    more,
                    "QUERIES",
                    "1",
                    "f32",
                    one,
                    "LAYERS",
                    "0",
                    "1",
                    "CHUNKS",
                    range.substring(0, 1),
                    range.substring(2)));
        assertThat(ReplyTree.get(nothing, "tokens")).isEqualTo(0L);
        Object layer = ReplyTree.item(ReplyTree.get(nothing, "layers"), 0);
        assertThat(ReplyTree.floats(ReplyTree.item(layer, 1))).containsOnly(0f);
        assertThat(ReplyTree.floats(ReplyTree.item(layer, 2)))
            .containsOnly(Float.NEGATIVE_INFINITY);
      }
    }
  }

  @Test
  void aRestartChangesNothing() throws IOException {
    float[] queries = queries(LAYERS, 1, 11);
    String before;
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      before = ask(client, "KV.ATTEND", "m", "TOKENS", ids(), "QUERIES", "1", "f32", f32(queries));
    }
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(
              ask(client, "KV.ATTEND", "m", "TOKENS", ids(), "QUERIES", "1", "f32", f32(queries)))
          .isEqualTo(before);
    }
  }

  @Test
  void whereABlockIsDamagedTheResultIsOverWhatComesBefore() throws IOException {
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
    }
    flipABitOfEachPage(folder.resolve("segments"));
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      float[] queries = queries(LAYERS, 1, 12);
      Object reply =
          ReplyTree.of(
              ask(client, "KV.ATTEND", "m", "TOKENS", ids(), "QUERIES", "1", "f32", f32(queries)));
      long covered = (long) ReplyTree.get(reply, "tokens");
      assertThat(covered).isLessThan(TOKENS).matches(tokens -> tokens % SPAN == 0);
      for (Object layer : (List<?>) ReplyTree.get(reply, "layers")) {
        int number = (int) (long) ReplyTree.item(layer, 0);
        float[] own = Arrays.copyOfRange(queries, number * ROW, (number + 1) * ROW);
        if (covered > 0) {
          check(model, client, layer, own, positions(0, (int) covered), SCALE, 2e-5);
        } else {
          assertThat(ReplyTree.floats(ReplyTree.item(layer, 2)))
              .containsOnly(Float.NEGATIVE_INFINITY);
        }
      }
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  /** Damages the later half of each segment, a byte of each 4 KiB. */
  private static void flipABitOfEachPage(Path segments) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(segments)) {
      files = found.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (long at = channel.size() / 2; at < channel.size(); at += 4096) {
          one.clear();
          if (channel.read(one, at) == 1) {
            one.put(0, (byte) (one.get(0) ^ 4)).rewind();
            channel.write(one, at);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nosuch IDS 1 QUERIES 1 f32 # | -ERR no such model 'nosuch', there are: m",
        "m IDS 1 | -ERR say what to look for: QUERIES count f32|f16|bf16 bytes",
        "m WORDS x QUERIES 1 f32 # | -ERR name the context: TOKENS bytes, IDS text or HASHES",
        "m IDS 1 QUERIES 0 f32 # | -ERR the number of query tokens must be between 1 and 1048576:"
            + " 0",
        "m IDS 1 QUERIES -3 f32 # | -ERR the number of query tokens must be between 1 and 1048576:"
            + " -3",
        "m IDS 1 QUERIES 99999999999 f32 # | -ERR the number of query tokens must be between",
        "m IDS 1 QUERIES 1000000 f32 # | -ERR 1000000 query tokens of 3 layers are 192000000"
            + " elements, a request has at most 1048576: ask for fewer at a time",
        "m IDS 1 QUERIES one f32 # | -ERR value is not an integer or out of range",
        "m IDS 1 QUERIES 1 f64 # | -ERR queries are f32, f16 or bf16, little-endian",
        "m IDS 1 QUERIES 1 f32 | -ERR syntax error",
        "m IDS 1 QUERIES 1 | -ERR syntax error",
        "m IDS 1 QUERIES 2 f32 # | -ERR 2 query tokens of 3 layers take 1536 bytes as f32: 768 are"
            + " given",
        "m IDS 1 QUERIES 1 f16 # | -ERR 1 query tokens of 3 layers take 384 bytes as f16: 768 are"
            + " given",
        "m IDS 1 QUERIES 1 f32 xyz | -ERR 1 query tokens of 3 layers take 768 bytes as f32: 3 are"
            + " given",
        "m IDS 1 QUERIES 1 f32 NAN | -ERR queries must be finite: element 0 is NaN",
        "m IDS 1 QUERIES 1 f32 INF | -ERR queries must be finite: element 0 is Infinity",
        "m TOKENS ID QUERIES 1 f32 BIG | -ERR the result is not finite: the queries are too large",
        "m IDS 1 QUERIES 1 f32 # LAYERS 3 1 | -ERR the number of layers must be between 0 and 0: 1",
        "m IDS 1 QUERIES 1 f32 # LAYERS 4 0 | -ERR the first of the layers must be between 0 and 3:"
            + " 4",
        "m IDS 1 QUERIES 1 f32 # LAYERS 0 0 | -ERR name at least one layer",
        "m IDS 1 QUERIES 1 f32 # CHUNKS 0 1 | -ERR the number of chunks must be between 0 and 0: 1",
        "m IDS 1 QUERIES 1 f32 # CHUNKS 0 | -ERR syntax error",
        "m IDS 1 QUERIES 1 f32 # SCALE 0 | -ERR the scale must be above 0: 0",
        "m IDS 1 QUERIES 1 f32 # SCALE 1e999 | -ERR value is not a valid float",
        "m IDS 1 QUERIES 1 f32 # SCALE -1 | -ERR the scale must be above 0: -1.0",
        "m IDS 1 QUERIES 1 f32 # SCALE nan | -ERR value is not a valid float",
        "m IDS 1 QUERIES 1 f32 # SCALE . | -ERR value is not a valid float",
        "m IDS 1 QUERIES 1 f32 # HOW | -ERR syntax error",
      })
  void whatIsWrongIsSaidAndTheConnectionGoesOn(String line) throws IOException {
    String[] parts = line.split(" \\| ", 2);
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      Object[] words =
          Stream.of(("KV.ATTEND " + parts[0]).split(" ")).map(KvAttendTest::given).toArray();
      assertThat(ask(client, words)).startsWith(parts[1]);
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(server.sidecar().memory().used()).isZero();
      assertThat(server.sidecar().counters().failures.sum()).isZero();
    }
  }

  private static Object given(String word) {
    float[] queries = queries(LAYERS, 1, 13);
    return switch (word) {
      case "#" -> f32(queries);
      case "ID" -> ids();
      case "NAN" -> f32(with(queries, Float.NaN));
      case "INF" -> f32(with(queries, Float.POSITIVE_INFINITY));
      case "BIG" -> f32(with(queries, Float.MAX_VALUE));
      default -> word;
    };
  }

  private static float[] with(float[] queries, float first) {
    queries[0] = first;
    if (first == Float.MAX_VALUE) {
      Arrays.fill(queries, first);
    }
    return queries;
  }

  @Test
  void aServerWhoseMemoryIsTakenSaysSo() throws IOException {
    SidecarConfig small = new TestConfig().value(1 << 18).memory(1 << 19).build();
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = new TestServer(small, 1 << 20, model.models());
        WireClient client = server.connect()) {
      assertThat(
              ask(
                  client,
                  "KV.ATTEND",
                  "m",
                  "IDS",
                  "1",
                  "LAYERS",
                  "0",
                  "1",
                  "QUERIES",
                  "1500",
                  "f16",
                  f16(queries(1, 1500, 14))))
          .isEqualTo(
              "-OOM command not allowed when used memory > 'maxmemory': 384000 bytes are wanted,"
                  + " limits.memory is 524288\r\n");
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(
              ask(
                  client,
                  "KV.ATTEND",
                  "m",
                  "IDS",
                  "1",
                  "LAYERS",
                  "0",
                  "1",
                  "QUERIES",
                  "1",
                  "f16",
                  f16(queries(1, 1, 14))))
          .startsWith("*6\r\n");
    }
  }

  @Test
  void answersWithTheseBytes() throws IOException {
    String request =
        TinyModel.lines(
            "*9 $9 KV.ATTEND $1 m $6 HASHES $1 1 $1 h $7 QUERIES $1 1 $3 f16 $4", "\0<\0<");
    String reply =
        TinyModel.lines("$5 first :0 $6 tokens :32 $6 layers *1 *3 :0 $8", "\0\0\u0080?\0\0\u0080?")
            + TinyModel.lines("$4", "\u009e\u00ce]@");
    try (TinyModel model = new TinyModel();
        TestServer server = new TestServer(TestServer.CONFIG, 1 << 20, model.models());
        WireClient client = server.connect()) {
      assertThat(ask(client, "KV.PUT", "m", "HASHES", "1", "h", "FRAMES", TinyModel.frame()))
          .isEqualTo(":32\r\n");
      client.send(request);
      assertThat(client.reply()).isEqualTo("*6\r\n" + reply);
      assertThat(client.ask("HELLO", "3")).startsWith("%");
      client.send(request);
      assertThat(client.read(reply.length() + 4)).isEqualTo("%3\r\n" + reply);
    }
  }

  @Test
  void aReaderThatLeavesGivesBackTheMemory() throws Exception {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model)) {
      try (WireClient client = server.connect()) {
        assertThat(model.put(client)).startsWith(":");
        byte[] many = f32(queries(1, 2000, 15));
        for (int i = 0; i < 8; i++) {
          client.request(
              Text.bytes("KV.ATTEND"),
              Text.bytes("m"),
              Text.bytes("TOKENS"),
              ids(),
              Text.bytes("QUERIES"),
              Text.bytes("2000"),
              Text.bytes("f32"),
              many,
              Text.bytes("LAYERS"),
              Text.bytes("0"),
              Text.bytes("1"));
        }
        assertThat(client.read(4)).isEqualTo("*6\r\n");
      }
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (server.sidecar().memory().used() > 0 && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      assertThat(server.sidecar().memory().used()).isZero();
    }
  }
}
