package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.attention.select.Selection;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.SelectionAnswer;
import dev.varve.sdk.attention.SelectionRequest;
import dev.varve.sdk.attention.SelectionService;
import dev.varve.sdk.attention.TokenMethod;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionServiceTest {

  private static final int SPAN = 32;
  private static final int CHUNKS = 9;
  private static final int[] TEXT = SyntheticEngine.tokens(43, CHUNKS * SPAN + 1);
  private static final long MIB = 1 << 20;
  private static final List<String> METHODS =
      List.of(
          "quest(init=8,k=48,local=16,dense=0)",
          "tokenselect(init=8,k=40,local=12)",
          "tokenselect(init=0,k=40,local=1,keys=int8,pool=3)",
          "oracle(k=30)",
          "triforce(k=32,local=8)",
          "specache(k=24,local=4)");

  @TempDir Path folder;

  private CacheConfig config(ModelShape shape, String where) {
    CacheConfig.Builder config = CacheConfig.of(shape, "model").blockTokens(SPAN);
    return switch (where) {
      case "hot" -> config.hot(400 * 4096L).build();
      case "host" -> config.hot(48 * 4096L).host(400 * 8192L).build();
      default -> config.hot(48 * 4096L).ssd(folder, 8 << 20).build();
    };
  }

  private static List<ChunkKey> keys(KvSession session) {
    return session.state().sealed().stream().map(Chunk::key).toList();
  }

  private static float[] query(ModelShape model, int layer) {
    LayerShape shape = model.layers().get(layer);
    int last = TEXT.length - 1;
    float[] query = new float[shape.queryHeads() * shape.keyDim()];
    for (int i = 0; i < query.length; i++) {
      query[i] =
          SyntheticEngine.element(
              3,
              layer,
              TEXT[last],
              last,
              i / shape.keyDim(),
              i % shape.keyDim(),
              shape.queryHeads());
    }
    return query;
  }

  private static SelectionRequest request(int layer, List<ChunkKey> chunks, String method) {
    return new SelectionRequest(
        layer, 1, chunks, TokenMethod.parse(method), OptionalDouble.empty(), true);
  }

  private static List<ChosenTokens> chosen(SelectionAnswer answer) {
    assertThat(answer).isInstanceOf(SelectionAnswer.Chosen.class);
    return ((SelectionAnswer.Chosen) answer).sets();
  }

  /** What a session's selector takes that was given the same keys, without the open end. */
  private static int[] expected(ModelShape model, int layer, String method, int kvHead) {
    Selection selection =
        new PlainSelection(model, SelectiveReading.parse(method), TEXT)
            .select(layer, CHUNKS * SPAN);
    return Arrays.stream(selection.positions(kvHead)).filter(at -> at < CHUNKS * SPAN).toArray();
  }

  /** The largest logit of the head's queries with the key of a position. */
  private static double logit(ModelShape model, int layer, int kvHead, int position) {
    LayerShape shape = model.layers().get(layer);
    float[] query = query(model, layer);
    double largest = Double.NEGATIVE_INFINITY;
    for (int head = kvHead * shape.group(); head < (kvHead + 1) * shape.group(); head++) {
      double dot = 0;
      for (int i = 0; i < shape.keyDim(); i++) {
        float key =
            SyntheticEngine.element(
                1, model.ownerOf(layer), TEXT[position], position, kvHead, i, shape.kvHeads());
        dot += Float.float16ToFloat(Float.floatToFloat16(key)) * query[head * shape.keyDim() + i];
      }
      double logit = dot * shape.scale();
      double cap = shape.logitSoftCap();
      largest = Math.max(largest, cap == 0 ? logit : cap * Math.tanh(logit / cap));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot", "host", "ssd"})
  void choosesWhatASessionWouldReadWhereverTheKeysAre(String where) {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, where));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(MIB);
      for (int round = 0; round < 2; round++) {
        for (String method : METHODS) {
          for (int layer = 0; layer < 3; layer++) {
            compare(service, session, Shapes.PLAIN, layer, method);
          }
        }
      }
      assertThat(service.usage().indices()).isEqualTo(METHODS.size() * 3);
      assertThat(service.usage().found()).isEqualTo(METHODS.size() * 3L);
      assertThat(service.usage().bytes()).isBetween(1L, MIB);
    }
  }

  private static void compare(
      SelectionService service, KvSession session, ModelShape model, int layer, String method) {
    LayerShape shape = model.layers().get(layer);
    List<ChosenTokens> sets =
        chosen(service.select(request(layer, keys(session), method), query(model, layer)));
    assertThat(sets.size()).isIn(1, shape.kvHeads());
    for (int set = 0; set < sets.size(); set++) {
      ChosenTokens tokens = sets.get(set);
      assertThat(tokens.positions())
          .as("%s, layer %d", method, layer)
          .isEqualTo(expected(model, layer, method, set));
      for (int i = 0; i < tokens.positions().length; i++) {
        double largest = logit(model, layer, set, tokens.positions()[i]);
        for (int head = 1; sets.size() == 1 && head < shape.kvHeads(); head++) {
          largest = Math.max(largest, logit(model, layer, head, tokens.positions()[i]));
        }
        assertThat((double) tokens.scores()[i]).isCloseTo(largest, within(1e-4));
      }
    }
  }

  @Test
  void layersOfAllShapesAreAskedAndWindowsAreNotCut() {
    ModelShape model = Shapes.MIXED;
    try (KvCache cache = KvCache.open(config(model, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(model).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(MIB);
      for (int layer : List.of(0, 1, 3, 4)) {
        compare(service, session, model, layer, "oracle(k=30)");
      }
      SelectionAnswer windowed =
          service.select(request(2, keys(session), "oracle(k=300)"), query(model, 2));
      assertThat(chosen(windowed).getFirst().positions()).hasSize(CHUNKS * SPAN);
    }
  }

  @Test
  void anIndexGrowsWithItsContextAndServesEveryBudget() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(MIB);
      List<ChunkKey> keys = keys(session);
      float[] query = query(Shapes.PLAIN, 1);
      for (int count : List.of(2, 5, 9)) {
        chosen(service.select(request(1, keys.subList(0, count), METHODS.getFirst()), query));
        assertThat(service.usage().indices()).isEqualTo(1);
      }
      compare(service, session, Shapes.PLAIN, 1, METHODS.getFirst());
      compare(service, session, Shapes.PLAIN, 1, "quest(init=0,k=16,local=2,dense=0)");
      assertThat(service.usage().built()).isEqualTo(3);
      assertThat(service.usage().found()).isEqualTo(2);
    }
  }

  @Test
  void aRangeCountsFromItsFirstTokenAndSaysPositionsInTheContext() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      List<ChunkKey> range = keys(session).subList(3, 6);
      SelectionAnswer answer =
          cache
              .selection(MIB)
              .select(
                  request(0, range, "quest(init=2,k=16,local=3,dense=0)"), query(Shapes.PLAIN, 0));
      for (ChosenTokens set : chosen(answer)) {
        assertThat(set.positions()).contains(96, 97, 190, 191);
        assertThat(Arrays.stream(set.positions())).allMatch(at -> at >= 96 && at < 192);
        assertThat(set.positions().length).isBetween(18, 20);
      }
    }
  }

  @Test
  void leastKeepsTokensWithLogitsFromThereOnOnly() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(MIB);
      TokenMethod method = TokenMethod.parse("oracle(k=200)");
      List<ChosenTokens> all =
          chosen(
              service.select(request(0, keys(session), "oracle(k=200)"), query(Shapes.PLAIN, 0)));
      float[] sorted = all.getFirst().scores().clone();
      Arrays.sort(sorted);
      float least = sorted[100];
      SelectionRequest cut =
          new SelectionRequest(0, 1, keys(session), method, OptionalDouble.of(least), true);
      List<ChosenTokens> some = chosen(service.select(cut, query(Shapes.PLAIN, 0)));
      assertThat(some.getFirst().positions()).hasSize(100);
      for (int set = 0; set < 2; set++) {
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < all.get(set).positions().length; i++) {
          if (all.get(set).scores()[i] >= least) {
            expected.add(all.get(set).positions()[i]);
          }
        }
        assertThat(Arrays.stream(some.get(set).positions()).boxed().toList()).isEqualTo(expected);
      }
    }
  }

  @Test
  void indicesStayWithinTheirMemoryAndTheLongestUnusedGoesFirst() {
    // Keys of a layer: 2 heads of 16 halves.
    long oneLayer = CHUNKS * SPAN * 64L;
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService tiny = cache.selection(oneLayer - 1);
      assertThat(tiny.select(request(0, keys(session), "oracle"), query(Shapes.PLAIN, 0)))
          .isEqualTo(new SelectionAnswer.NoRoom(oneLayer, oneLayer - 1));
      assertThat(tiny.usage().bytes()).isZero();
      assertThat(tiny.usage().indices()).isZero();
      assertThat(tiny.select(request(0, keys(session), "quest(page=1)"), query(Shapes.PLAIN, 0)))
          .isInstanceOf(SelectionAnswer.NoRoom.class);
      assertThat(tiny.usage().bytes()).isZero();
      compare(tiny, session, Shapes.PLAIN, 0, METHODS.getFirst());

      SelectionService two = cache.selection(2 * oneLayer);
      for (int layer : List.of(0, 1, 0, 2, 0, 1)) {
        compare(two, session, Shapes.PLAIN, layer, "oracle(k=30)");
        assertThat(two.usage().bytes()).isLessThanOrEqualTo(2 * oneLayer);
      }
      assertThat(two.usage().built()).isEqualTo(4);
      assertThat(two.usage().found()).isEqualTo(2);
      assertThat(two.usage().dropped()).isEqualTo(2);
    }
  }

  @Test
  void whatIsErasedLeavesNoIndexBehind() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"))) {
      SelectionService service = cache.selection(MIB);
      List<ChunkKey> keys;
      try (KvSession session = cache.openSession()) {
        new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
        keys = keys(session);
        for (int layer = 0; layer < 3; layer++) {
          compare(service, session, Shapes.PLAIN, layer, "oracle(k=30)");
        }
      }
      assertThat(service.usage().bytes()).isPositive();
      assertThat(cache.tenants().erasePrefix(Tenant.NONE, Arrays.copyOf(TEXT, 4 * SPAN)).chunks())
          .isPositive();
      assertThat(service.usage().bytes()).isZero();
      assertThat(service.usage().indices()).isZero();
      assertThat(service.select(request(0, keys, "oracle"), query(Shapes.PLAIN, 0)))
          .isInstanceOf(SelectionAnswer.Missing.class);
      assertThat(service.usage().bytes()).isZero();
    }
  }

  @Test
  void namesChunksThatAreNotStoredAndRefusesWhatDoesNotFit() {
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "hot"));
        KvSession session = cache.openSession()) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(MIB);
      List<ChunkKey> keys = keys(session);
      float[] query = query(Shapes.PLAIN, 0);
      Fingerprint other = Fingerprint.of("another", Shapes.PLAIN, SPAN);
      ChunkKey foreign = new ChunkKey(Tenant.NONE, other, ChainKey.root(Tenant.NONE, other));
      assertThat(service.select(request(0, List.of(keys.getFirst(), foreign), "oracle"), query))
          .isEqualTo(new SelectionAnswer.Missing(List.of(foreign)));
      assertThat(chosen(service.select(request(0, List.of(), "oracle"), query)))
          .singleElement()
          .satisfies(none -> assertThat(none.positions()).isEmpty());
      assertThatThrownBy(() -> service.select(request(3, keys, "oracle"), query))
          .hasMessage("layer must lie between 0 and 2: 3");
      assertThatThrownBy(() -> service.select(request(0, keys, "oracle"), new float[63]))
          .hasMessage("1 query tokens of layer 0 are 64 floats, 63 are given");
      assertThatThrownBy(
              () -> service.select(request(0, List.of(keys.get(0), keys.get(2)), "oracle"), query))
          .hasMessage(
              "chunks to choose from are consecutive: one ends at 32, the next begins at 64");
      assertThatThrownBy(() -> TokenMethod.parse("sticky(k=3)"))
          .hasMessageStartingWith("'sticky' needs what only a session knows: choose ");
      assertThatThrownBy(() -> TokenMethod.parse("quset")).hasMessageContaining("'quest'");
      assertThatThrownBy(() -> cache.selection(0)).hasMessageContaining("bytes of indices");
    }
  }

  @Test
  void manyAskAtOnceAndGetWhatTheyGetAlone() throws Exception {
    long oneLayer = CHUNKS * SPAN * 64L;
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, "host"));
        KvSession session = cache.openSession();
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      new SyntheticEngine(Shapes.PLAIN).run(session, Arrays.copyOf(TEXT, CHUNKS * SPAN), 20);
      SelectionService service = cache.selection(4 * oneLayer);
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int seed = thread;
        all.add(
            threads.submit(() -> {
              for (int i = 0; i < 12; i++) {
                String method = i % 2 == 0 ? "oracle(k=30)" : METHODS.getFirst();
                compare(service, session, Shapes.PLAIN, (i + seed) % 3, method);
              }
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(service.usage().bytes()).isBetween(1L, 4 * oneLayer);
    }
  }
}
