package dev.varve.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.client.RemoteAttention;
import dev.varve.client.RemoteConfig;
import dev.varve.client.RemoteKvCache;
import dev.varve.client.RemoteQueries;
import dev.varve.client.RemoteScope;
import dev.varve.client.RemoteSelection;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RemoteAttentionTest {

  private static final int SPAN = ModelServer.SPAN;
  private static final int TOKENS = 6 * SPAN;
  private static final int LAYERS = ModelServer.SHAPE.layerCount();
  private static final LayerShape LAYER = ModelServer.SHAPE.layers().getFirst();
  private static final int ROW = LAYER.queryHeads() * LAYER.keyDim();
  private static final int[] IDS = IntStream.range(0, TOKENS + 9).map(i -> i * 7 + 2).toArray();
  private static final List<float[][]> ROWS = rows();

  /** Keys and values of every layer, as halves can hold them. */
  private static List<float[][]> rows() {
    Random random = new Random(92);
    List<float[][]> rows = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      float[][] pair = new float[2][TOKENS * ROW];
      for (float[] half : pair) {
        for (int i = 0; i < half.length; i++) {
          half[i] = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
        }
      }
      rows.add(pair);
    }
    return rows;
  }

  private static EngineTensor tensor(float... rows) {
    short[] halves = new short[rows.length];
    for (int i = 0; i < rows.length; i++) {
      halves[i] = Float.floatToFloat16(rows[i]);
    }
    return EngineTensor.dense(
        MemorySegment.ofArray(halves), Dtype.F16, TOKENS, LAYER.kvHeads(), LAYER.keyDim());
  }

  private static void store(RemoteKvCache cache) {
    List<LayerTensors> layers =
        ROWS.stream().map(pair -> new LayerTensors(tensor(pair[0]), tensor(pair[1]))).toList();
    assertThat(cache.store(IDS, layers)).isEqualTo(TOKENS);
  }

  private static float[] queries(int layers, int tokens, long seed) {
    Random random = new Random(seed);
    float[] queries = new float[layers * tokens * ROW];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = (float) random.nextGaussian();
    }
    return queries;
  }

  private static void check(
      RemoteAttention.Layer result, float[] queries, int[] seen, double scale) {
    PlainAttention plain =
        new PlainAttention(LAYER, ROWS.get(result.layer())[0], ROWS.get(result.layer())[1]);
    for (int query = 0; query < result.partial().queries(); query++) {
      double[] expected = plain.attended(queries, query, seen, scale);
      for (int i = 0; i < LAYER.valueDim(); i++) {
        assertThat((double) result.partial().outputs()[query * LAYER.valueDim() + i])
            .isCloseTo(expected[i], within(2e-5));
      }
      assertThat((double) result.partial().logSumExps()[query])
          .isCloseTo(expected[LAYER.valueDim()], within(2e-5));
    }
  }

  private static int[] positions(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  @Test
  void partsOfAContextThatAServerAttendsMergeToTheWhole() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address())) {
      store(cache);
      RemoteQueries asked = new RemoteQueries(1, 2, 3, queries(2, 3, 93));
      RemoteAttention sum = cache.attend(IDS, asked, RemoteScope.ALL.between(0, 2 * SPAN));
      RemoteAttention rest =
          cache.attend(IDS, asked, RemoteScope.ALL.between(2 * SPAN, Integer.MAX_VALUE));
      assertThat(sum.tokens()).isEqualTo(2 * SPAN);
      assertThat(rest.firstToken()).isEqualTo(2 * SPAN);
      assertThat(rest.tokens()).isEqualTo(4 * SPAN);
      for (int i = 0; i < 2; i++) {
        assertThat(sum.layers().get(i).layer()).isEqualTo(i + 1);
        assertThat(sum.layers().get(i).rows()).isEqualTo(2L * SPAN * LAYER.kvHeads());
        sum.layers().get(i).partial().merge(rest.layers().get(i).partial());
        float[] own = Arrays.copyOfRange(asked.floats(), i * 3 * ROW, (i + 1) * 3 * ROW);
        check(sum.layers().get(i), own, positions(0, TOKENS), LAYER.scale());
      }
      RemoteAttention scaled =
          cache.attend(IDS, RemoteQueries.of(3, 1, queries(1, 1, 94)), RemoteScope.ALL.scaledBy(1));
      check(scaled.layers().getFirst(), queries(1, 1, 94), positions(0, TOKENS), 1);
      assertThat(cache.stats().failures()).isZero();
      assertThat(cache.stats().connects()).isEqualTo(1);
    }
  }

  @Test
  void aSelectionIsToldAndAttended() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address())) {
      store(cache);
      float[] query = queries(1, 1, 95);
      RemoteScope scope = RemoteScope.ALL.select("quest(k=64,local=4,dense=0)");
      RemoteSelection chosen = cache.select(IDS, RemoteQueries.of(2, 1, query), scope);
      RemoteAttention attended = cache.attend(IDS, RemoteQueries.of(2, 1, query), scope);
      assertThat(chosen.tokens()).isEqualTo(TOKENS);
      assertThat(chosen.layers().getFirst().sets()).hasSize(LAYER.kvHeads());
      assertThat(attended.layers().getFirst().rows())
          .isEqualTo(
              chosen.layers().getFirst().sets().stream()
                  .mapToLong(set -> set.positions().length)
                  .sum());
      PlainAttention plain = new PlainAttention(LAYER, ROWS.get(2)[0], ROWS.get(2)[1]);
      for (int head = 0; head < LAYER.queryHeads(); head++) {
        ChosenTokens set = chosen.layers().getFirst().sets().get(LAYER.kvHeadOf(head));
        double[] expected = plain.attended(query, head, set.positions(), LAYER.scale());
        assertThat((double) attended.layers().getFirst().partial().logSumExps()[head])
            .isCloseTo(expected[LAYER.valueDim()], within(2e-5));
        for (int i = 0; i < set.positions().length; i++) {
          double[] one = plain.attended(query, head, new int[] {set.positions()[i]}, LAYER.scale());
          assertThat((double) set.scores()[i]).isCloseTo(one[LAYER.valueDim()], within(2e-5));
        }
      }
      RemoteSelection cut = cache.select(IDS, RemoteQueries.of(2, 1, query), scope.least(1e9));
      assertThat(cut.layers().getFirst().sets().getFirst().positions()).isEmpty();
    }
  }

  @Test
  void whateverFailsCoversNothingAndChangesNothing() throws IOException {
    InetSocketAddress gone;
    RemoteQueries asked = new RemoteQueries(0, LAYERS, 1, queries(LAYERS, 1, 96));
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        ThrottledLink link = new ThrottledLink(server.address(), _ -> 1e9);
        RemoteKvCache reader = client(link.address())) {
      gone = server.address();
      assertNothing(reader.attend(IDS, asked, RemoteScope.ALL));
      assertThat(reader.stats().failures()).isZero();
      store(writer);
      assertThat(reader.attend(IDS, asked, RemoteScope.ALL).tokens()).isEqualTo(TOKENS);
      assertNothing(
          reader.attend(IDS, asked, RemoteScope.ALL.between(20 * SPAN, Integer.MAX_VALUE)));
      link.cutAt(700);
      assertNothing(reader.attend(IDS, asked, RemoteScope.ALL));
      assertThat(reader.stats().failures()).isEqualTo(1);
    }
    try (RemoteKvCache nobody = client(gone)) {
      assertNothing(nobody.attend(IDS, asked, RemoteScope.ALL));
      RemoteSelection none = nobody.select(IDS, asked, RemoteScope.ALL.select("oracle"));
      assertThat(none.tokens()).isZero();
      assertThat(none.layers()).hasSize(LAYERS);
      assertThat(none.layers().getFirst().sets().getFirst().positions()).isEmpty();
      assertThat(nobody.stats().failures()).isEqualTo(2);
    }
  }

  private static void assertNothing(RemoteAttention result) {
    assertThat(result.tokens()).isZero();
    assertThat(result.layers()).hasSize(LAYERS);
    result
        .layers()
        .forEach(layer -> {
          assertThat(layer.partial().logSumExps()).containsOnly(Float.NEGATIVE_INFINITY);
          assertThat(layer.partial().outputs()).containsOnly(0f);
        });
  }

  @Test
  void whatIsWrongWithARequestIsSaid() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address())) {
      RemoteQueries one = RemoteQueries.of(0, 1, queries(1, 1, 97));
      assertThatThrownBy(
              () -> cache.attend(IDS, RemoteQueries.of(0, 2, one.floats()), RemoteScope.ALL))
          .hasMessage("2 query tokens of 1 layers are 256 floats, 128 are given");
      assertThatThrownBy(
              () -> cache.attend(IDS, RemoteQueries.of(4, 1, one.floats()), RemoteScope.ALL))
          .hasMessageContaining("end of the layers");
      assertThatThrownBy(() -> cache.attend(IDS, one, RemoteScope.ALL.between(3, 2 * SPAN)))
          .hasMessage("a scope begins and ends at multiples of 64: 3 to 128");
      assertThatThrownBy(() -> cache.select(IDS, one, RemoteScope.ALL))
          .hasMessageContaining("say how to choose");
      assertThatThrownBy(() -> RemoteScope.ALL.least(3)).hasMessageContaining("say which");
      assertThatThrownBy(() -> RemoteScope.ALL.select("qest")).hasMessageContaining("'quest'");
      RemoteQueries bad = RemoteQueries.of(0, 1, one.floats().clone());
      bad.floats()[5] = Float.NaN;
      assertThat(cache.attend(IDS, bad, RemoteScope.ALL).tokens()).isZero();
      assertThat(cache.stats().failures()).isEqualTo(1);
      assertThat(cache.attend(IDS, one, RemoteScope.ALL).tokens()).isZero();
      assertThat(cache.stats().connects()).isEqualTo(1);
    }
  }

  private static RemoteKvCache client(InetSocketAddress address) {
    return RemoteKvCache.open(
        RemoteConfig.of(address, "m", ModelServer.GEOMETRY).within(Duration.ofSeconds(60)),
        Thread.ofPlatform().daemon().factory(),
        System::nanoTime);
  }
}
