package dev.varve.sidecar;

import static dev.varve.sidecar.ContextModel.LAYER;
import static dev.varve.sidecar.ContextModel.LAYERS;
import static dev.varve.sidecar.ContextModel.SPAN;
import static dev.varve.sidecar.ContextModel.TOKENS;
import static dev.varve.sidecar.ContextModel.ask;
import static dev.varve.sidecar.ContextModel.f32;
import static dev.varve.sidecar.ContextModel.ids;
import static dev.varve.sidecar.ContextModel.queries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvIndexTest {

  private static final int ROW = LAYER.queryHeads() * LAYER.keyDim();

  @TempDir Path folder;

  private static TestServer start(ContextModel model) throws IOException {
    return new TestServer(TestServer.CONFIG, 1 << 20, model.models());
  }

  private static Object index(WireClient client, float[] queries, String options)
      throws IOException {
    return ReplyTree.of(ask(client, words("KV.INDEX", queries, options)));
  }

  private static Object[] words(String command, float[] queries, String options) {
    Object[] begin = {command, "m", "TOKENS", ids(), "QUERIES", "1", "f32", f32(queries)};
    return Stream.concat(Stream.of(begin), Stream.of(options.split(" "))).toArray();
  }

  private static List<?> sets(Object reply, int layer) {
    return (List<?>) ReplyTree.item(ReplyTree.item(ReplyTree.get(reply, "layers"), layer), 1);
  }

  private static int[] positions(Object set) {
    return ReplyTree.ints(ReplyTree.item(set, 0));
  }

  /** The share of attention of each token, added up over some query heads. */
  private static double[] votes(
      ContextModel model,
      List<MemorySegment> blocks,
      float[] queries,
      int from,
      int to,
      double by) {
    double[] votes = new double[TOKENS];
    for (int query = from; query < to; query++) {
      double[] weights = new double[TOKENS];
      for (int token = 0; token < TOKENS; token++) {
        weights[token] = Math.exp(model.dot(blocks, queries, query, token) * by);
      }
      double sum = Arrays.stream(weights).sum();
      for (int token = 0; token < TOKENS; token++) {
        votes[token] += weights[token] / sum;
      }
    }
    return votes;
  }

  private static void checkBest(double[] scores, int[] chosen, int count) {
    assertThat(chosen).hasSize(count).isSorted();
    double worst = Arrays.stream(chosen).mapToDouble(at -> scores[at]).min().orElseThrow();
    double missed =
        IntStream.range(0, TOKENS)
            .filter(at -> Arrays.binarySearch(chosen, at) < 0)
            .mapToDouble(at -> scores[at])
            .max()
            .orElseThrow();
    assertThat(worst).isGreaterThan(missed - 1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot", "f16", "int8", "ssd"})
  void choosesTheTokensThatGetMostOfTheAttention(String where) throws IOException {
    try (ContextModel model = new ContextModel(where, folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      float[] queries = queries(LAYERS, 1, 21);
      for (int round = 0; round < 2; round++) {
        Object best = index(client, queries, "SELECT oracle(k=25) SCORES");
        Object voted = index(client, queries, "SELECT tokenselect(init=0,k=25,local=0)");
        assertThat(ReplyTree.get(best, "first")).isEqualTo(0L);
        assertThat(ReplyTree.get(best, "tokens")).isEqualTo((long) TOKENS);
        for (int layer = 0; layer < LAYERS; layer++) {
          List<MemorySegment> blocks = model.stored(client, layer);
          float[] own = Arrays.copyOfRange(queries, layer * ROW, (layer + 1) * ROW);
          assertThat(sets(best, layer)).hasSize(2);
          for (int head = 0; head < 2; head++) {
            Object set = sets(best, layer).get(head);
            double[] votes = votes(model, blocks, own, 2 * head, 2 * head + 2, LAYER.scale());
            checkBest(votes, positions(set), 25);
            checkScores(model, blocks, own, head, set);
          }
          assertThat(sets(voted, layer)).hasSize(1);
          checkBest(
              votes(model, blocks, own, 0, 4, 1), positions(sets(voted, layer).getFirst()), 25);
        }
      }
      assertThat(server.sidecar().memory().used()).isZero();
      assertThat(ask(client, "KV.EXPLAIN", "m", "TOKENS", ids()))
          .contains("indices of this model: 6, ", " of 1048576 bytes, 6 found, 6 built, 0 dropped");
    }
  }

  private static void checkScores(
      ContextModel model, List<MemorySegment> blocks, float[] queries, int head, Object set) {
    float[] scores = ReplyTree.floats(ReplyTree.item(set, 1));
    int[] positions = positions(set);
    assertThat(scores).hasSameSizeAs(positions);
    for (int i = 0; i < scores.length; i++) {
      double largest =
          Math.max(
              model.dot(blocks, queries, 2 * head, positions[i]),
              model.dot(blocks, queries, 2 * head + 1, positions[i]));
      assertThat((double) scores[i]).isCloseTo(largest * LAYER.scale(), within(2e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oracle(k=20)",
        "quest(k=32,local=4,dense=0)",
        "triforce(k=24,local=4)",
        "specache(k=30,local=4)",
        "tokenselect(init=4,k=20,local=4)"
      })
  void attentionOverASelectionIsThatOverItsTokens(String method) throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      float[] queries = queries(1, 1, 22);
      String options = "LAYERS 1 1 CHUNKS 1 4 SELECT " + method;
      Object chosen = index(client, queries, options);
      Object reply = ReplyTree.of(ask(client, words("KV.ATTEND", queries, options)));
      assertThat(ReplyTree.get(reply, "first")).isEqualTo((long) SPAN);
      assertThat(ReplyTree.get(reply, "tokens")).isEqualTo(4L * SPAN);
      Object layer = ReplyTree.item(ReplyTree.get(reply, "layers"), 0);
      float[] outputs = ReplyTree.floats(ReplyTree.item(layer, 1));
      float[] sums = ReplyTree.floats(ReplyTree.item(layer, 2));
      List<MemorySegment> blocks = model.stored(client, 1);
      List<?> sets = sets(chosen, 0);
      long rows = 0;
      for (int query = 0; query < LAYER.queryHeads(); query++) {
        int head = LAYER.kvHeadOf(query);
        int[] seen = positions(sets.get(sets.size() == 1 ? 0 : head));
        assertThat(seen.length).isBetween(20, 60);
        rows += query % 2 == 0 ? seen.length : 0;
        double[] expected = model.attended(blocks, queries, query, seen, LAYER.scale());
        for (int i = 0; i < LAYER.valueDim(); i++) {
          assertThat((double) outputs[query * LAYER.valueDim() + i])
              .isCloseTo(expected[i], within(2e-5));
        }
        assertThat((double) sums[query]).isCloseTo(expected[LAYER.valueDim()], within(2e-5));
      }
      assertThat(ReplyTree.item(layer, 3)).isEqualTo(rows);
    }
  }

  @Test
  void leastLeavesOutWhatIsBelow() throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      float[] queries = queries(LAYERS, 1, 23);
      Object all = index(client, queries, "LAYERS 0 3 SELECT oracle(k=150) SCORES");
      Object some = index(client, queries, "SELECT oracle(k=150) LEAST -0.25 SCORES");
      for (int layer = 0; layer < LAYERS; layer++) {
        for (int head = 0; head < 2; head++) {
          int[] positions = positions(sets(all, layer).get(head));
          float[] scores = ReplyTree.floats(ReplyTree.item(sets(all, layer).get(head), 1));
          int[] expected =
              IntStream.range(0, positions.length)
                  .filter(i -> scores[i] >= -0.25f)
                  .map(i -> positions[i])
                  .toArray();
          assertThat(positions(sets(some, layer).get(head))).isEqualTo(expected);
        }
      }
      Object none = index(client, queries, "SELECT oracle(k=150) LEAST 1e6");
      assertThat(positions(sets(none, 0).getFirst())).isEmpty();
      Object empty =
          ReplyTree.of(ask(client, words("KV.ATTEND", queries, "SELECT oracle(k=9) LEAST 1e6")));
      assertThat(
              ReplyTree.floats(
                  ReplyTree.item(ReplyTree.item(ReplyTree.get(empty, "layers"), 0), 2)))
          .containsOnly(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void aRestartAndAContextThatIsNotStoredChangeNoAnswer() throws IOException {
    float[] queries = queries(LAYERS, 1, 24);
    Object before;
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      Object nothing = index(client, queries, "SELECT oracle SCORES");
      assertThat(ReplyTree.get(nothing, "tokens")).isEqualTo(0L);
      assertThat(positions(sets(nothing, 2).getFirst())).isEmpty();
      assertThat(model.put(client)).startsWith(":");
      before = index(client, queries, "SELECT quest(k=16,dense=0) SCORES");
    }
    try (ContextModel model = new ContextModel("ssd", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(index(client, queries, "SELECT quest(k=16,dense=0) SCORES")).isEqualTo(before);
    }
  }

  @Test
  void anIndexThatDoesNotFitIsRefused() throws IOException {
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = new TestServer(TestServer.CONFIG, 1 << 20, model.models(5000));
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      assertThat(ask(client, words("KV.INDEX", queries(LAYERS, 1, 25), "SELECT oracle")))
          .startsWith("-OOM command not allowed when used memory > 'maxmemory': an index of ")
          .contains("index=5000 holds all of this model");
      Object small = index(client, queries(LAYERS, 1, 25), "CHUNKS 2 1 SELECT oracle(k=3)");
      assertThat(ReplyTree.get(small, "tokens")).isEqualTo((long) SPAN);
      assertThat(server.sidecar().memory().used()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KV.INDEX LAYERS 0 3 | -ERR say how to choose: SELECT policy, as in SELECT quest(k=256)",
        "KV.INDEX SELECT | -ERR syntax error",
        "KV.INDEX SELECT quset | -ERR there is no read policy 'quset': did you mean 'quest'?",
        "KV.INDEX SELECT quest(k=0) | -ERR ",
        "KV.INDEX SELECT quest(k=none) | -ERR ",
        "KV.INDEX SELECT quest(pages=3) | -ERR ",
        "KV.INDEX SELECT quest( | -ERR 'quest(' is no policy",
        "KV.INDEX SELECT sticky | -ERR 'sticky' needs what only a session knows: choose ",
        "KV.INDEX SELECT squeezed | -ERR 'squeezed' needs what only a session knows: choose ",
        "KV.INDEX SELECT oracle LEAST | -ERR syntax error",
        "KV.INDEX SELECT oracle LEAST much | -ERR value is not a valid float",
        "KV.INDEX SELECT oracle LEAST 1e999 | -ERR value is not a valid float",
        "KV.INDEX SELECT oracle CHUNKS 0 7 | -ERR the number of chunks must be between 0 and 6: 7",
        "KV.INDEX SELECT oracle LAYERS 1 3 | -ERR the number of layers must be between 0 and 2: 3",
        "KV.INDEX SELECT oracle POSITIONS | -ERR syntax error",
        "KV.ATTEND LEAST 3 | -ERR LEAST cuts what SELECT chooses: say how, as in SELECT oracle",
        "KV.ATTEND SELECT oracle SCORES | -ERR syntax error",
        "KV.ATTEND SELECT nothing | -ERR there is no read policy 'nothing'",
      })
  void whatIsWrongIsSaidAndTheConnectionGoesOn(String line) throws IOException {
    String[] parts = line.split(" \\| ", 2);
    String[] command = parts[0].split(" ", 2);
    try (ContextModel model = new ContextModel("hot", folder);
        TestServer server = start(model);
        WireClient client = server.connect()) {
      assertThat(model.put(client)).startsWith(":");
      assertThat(ask(client, words(command[0], queries(LAYERS, 1, 26), command[1])))
          .startsWith(parts[1]);
      assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(server.sidecar().memory().used()).isZero();
      assertThat(server.sidecar().counters().failures.sum()).isZero();
    }
  }

  @Test
  void answersWithTheseBytes() throws IOException {
    String context = "$1 m $6 HASHES $1 1 $1 h $7 QUERIES $1 1 $3 f16 $4";
    String rest = "$6 SELECT $31 tokenselect(init=0,k=2,local=0) $6";
    String request =
        TinyModel.lines("*12 $8 KV.INDEX " + context, "\0<\0<") + TinyModel.lines(rest, "SCORES");
    String reply =
        TinyModel.lines(
                "*6 $5 first :0 $6 tokens :32 $6 layers *1 *2 :0 *1 *2 $8", "\0\0\0\0\1\0\0\0")
            + TinyModel.lines("$8", "\0\0\0\0\0\0\0\0");
    try (TinyModel model = new TinyModel();
        TestServer server = new TestServer(TestServer.CONFIG, 1 << 20, model.models());
        WireClient client = server.connect()) {
      assertThat(ask(client, "KV.PUT", "m", "HASHES", "1", "h", "FRAMES", TinyModel.frame()))
          .isEqualTo(":32\r\n");
      client.send(request);
      assertThat(client.reply()).isEqualTo(reply);
    }
  }
}
