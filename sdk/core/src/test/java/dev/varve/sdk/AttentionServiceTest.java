package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.Encodings;
import dev.varve.sdk.attention.AttentionService;
import dev.varve.sdk.attention.PartialAnswer;
import dev.varve.sdk.attention.PartialAttention;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionServiceTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(41, 9 * SPAN);
  private static final LayerShape LAYER = Shapes.PLAIN.layers().getFirst();

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  @TempDir Path folder;

  private CacheConfig.Builder config(String where) {
    CacheConfig.Builder config = CacheConfig.of(Shapes.PLAIN, "model").blockTokens(SPAN);
    return switch (where) {
      case "hot" -> config.hot(100 * 4096L);
      case "host" -> config.hot(16 * 4096L).host(100 * 8192L);
      case "ssd" -> config.hot(16 * 4096L).ssd(folder, 8 << 20);
      default ->
          config
              .hot(16 * 4096L)
              .host(100 * 8192L)
              .encodings("host=" + where)
              .accept(new Acceptance.Named(Set.of(Encodings.parse(where))));
    };
  }

  private static List<ChunkKey> keys(KvSession session) {
    return session.state().sealed().stream().map(Chunk::key).toList();
  }

  /** Queries of {@code tokens} tokens at a position behind all of the text. */
  private static float[] queries(int layer, int tokens) {
    float[] queries = new float[tokens * LAYER.queryHeads() * LAYER.keyDim()];
    for (int i = 0; i < queries.length; i++) {
      int head = i / LAYER.keyDim() % LAYER.queryHeads();
      int token = i / LAYER.keyDim() / LAYER.queryHeads();
      queries[i] =
          SyntheticEngine.element(
              3, layer, token, 1000, head, i % LAYER.keyDim(), LAYER.queryHeads());
    }
    return queries;
  }

  /** The definition, over the positions that {@code chosen} has for each KV head. */
  private static double[] reference(int layer, float[] queries, int query, BitSet chosen) {
    int head = query % LAYER.queryHeads();
    int kvHead = LAYER.kvHeadOf(head);
    double sum = 0;
    double[] out = new double[LAYER.valueDim() + 1];
    for (int t = chosen.nextSetBit(0); t >= 0; t = chosen.nextSetBit(t + 1)) {
      double dot = 0;
      for (int i = 0; i < LAYER.keyDim(); i++) {
        double key = SyntheticEngine.element(1, layer, TEXT[t], t, kvHead, i, LAYER.kvHeads());
        dot += queries[query * LAYER.keyDim() + i] * key;
      }
      double weight = Math.exp(dot * LAYER.scale());
      sum += weight;
      for (int i = 0; i < LAYER.valueDim(); i++) {
        out[i] +=
            weight * SyntheticEngine.element(2, layer, TEXT[t], t, kvHead, i, LAYER.kvHeads());
      }
    }
    for (int i = 0; i < LAYER.valueDim(); i++) {
      out[i] /= sum;
    }
    out[LAYER.valueDim()] = Math.log(sum);
    return out;
  }

  private static void check(
      PartialAttention got, int layer, float[] queries, List<BitSet> chosen, double bound) {
    for (int query = 0; query < got.queries(); query++) {
      int kvHead = LAYER.kvHeadOf(query % LAYER.queryHeads());
      BitSet set = chosen.get(chosen.size() == 1 ? 0 : kvHead);
      double[] expected = reference(layer, queries, query, set);
      for (int i = 0; i < got.dim(); i++) {
        assertThat((double) got.outputs()[query * got.dim() + i])
            .as("query %d element %d", query, i)
            .isCloseTo(expected[i], within(bound));
      }
      assertThat((double) got.logSumExps()[query]).isCloseTo(expected[got.dim()], within(bound));
    }
  }

  private static BitSet all(int from, int to) {
    BitSet set = new BitSet();
    set.set(from, to);
    return set;
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot", "host", "ssd", "int8", "lossless"})
  void attendsWhereTheBlocksAreAndPartsMergeToTheWhole(String where) {
    double bound = where.equals("int8") ? 0.03 : 2e-5;
    Acceptance accepted =
        where.equals("int8")
            ? new Acceptance.Named(Set.of(Encodings.parse(where)))
            : new Acceptance.Exact();
    try (KvCache cache = KvCache.open(config(where).build());
        KvSession session = cache.openSession(Tenant.NONE, accepted)) {
      engine.run(session, TEXT, 20);
      AttentionService service = cache.attention();
      List<ChunkKey> keys = new ArrayList<>(keys(session));
      assertThat(keys).hasSize(9);
      try (PrefixMatch match = cache.match(Tenant.NONE, accepted, TEXT)) {
        assertThat(match.chunks()).isEqualTo(keys);
      }
      for (int layer = 0; layer < 3; layer++) {
        float[] queries = queries(layer, 2);
        PartialAttention whole = service.newPartial(layer, 2);
        for (int round = 0; round < 3; round++) {
          Collections.shuffle(keys, new java.util.Random(round));
          PartialAnswer answer =
              service.partial(PartialRequest.whole(layer, 2, keys), queries, whole);
          assertThat(answer)
              .isInstanceOfSatisfying(
                  PartialAnswer.Computed.class,
                  done -> {
                    assertThat(done.tokens()).isEqualTo(9 * SPAN);
                    assertThat(done.hot() + done.far()).isEqualTo(9);
                    assertThat(done.far() > 0).isEqualTo(!where.equals("hot"));
                  });
          check(whole, layer, queries, List.of(all(0, 9 * SPAN)), bound);
        }
        PartialAttention sum = service.newPartial(layer, 2);
        PartialAttention part = service.newPartial(layer, 2);
        for (List<ChunkKey> some :
            List.of(keys.subList(0, 2), keys.subList(2, 8), keys.subList(8, 9))) {
          assertThat(service.partial(PartialRequest.whole(layer, 2, some), queries, part))
              .isInstanceOf(PartialAnswer.Computed.class);
          sum.merge(part);
        }
        check(sum, layer, queries, List.of(all(0, 9 * SPAN)), bound);
      }
      assertThat(cache.stats().attending().inPlace() > 0).isEqualTo(!where.equals("hot"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hot", "host", "ssd", "int8", "lossless"})
  void attendsChosenPositionsOnly(String where) {
    double bound = where.equals("int8") ? 0.03 : 2e-5;
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    try (KvCache cache = KvCache.open(config(where).build());
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 20);
      AttentionService service = cache.attention();
      for (int round = 0; round < 6; round++) {
        List<BitSet> chosen = new ArrayList<>();
        for (int head = 0; head < (round % 2 == 0 ? 1 : LAYER.kvHeads()); head++) {
          BitSet set = new BitSet();
          for (int i = 0; i < 20; i++) {
            set.set(random.nextInt(9 * SPAN));
          }
          chosen.add(set);
        }
        float[] queries = queries(1, 1);
        PartialAttention got = service.newPartial(1, 1);
        assertThat(service.partial(new PartialRequest(1, 1, keys(session), chosen), queries, got))
            .as("seed %d", seed)
            .isInstanceOf(PartialAnswer.Computed.class);
        check(got, 1, queries, chosen, bound);
      }
    }
  }

  @Test
  void nothingChosenIsThePartialOverNoTokens() {
    try (KvCache cache = KvCache.open(config("hot").build());
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 40);
      AttentionService service = cache.attention();
      for (PartialRequest request :
          List.of(
              PartialRequest.whole(0, 1, List.of()),
              new PartialRequest(0, 1, keys(session), List.of(new BitSet())),
              new PartialRequest(0, 1, keys(session).subList(0, 1), List.of(all(64, 90))))) {
        PartialAttention got = service.newPartial(0, 1);
        assertThat(service.partial(request, queries(0, 1), got))
            .isInstanceOf(PartialAnswer.Computed.class);
        assertThat(got.outputs()).containsOnly(0f);
        assertThat(got.logSumExps()).containsOnly(Float.NEGATIVE_INFINITY);
      }
    }
  }

  @Test
  void namesTheChunksThatAreNotStoredForThisModel() {
    try (KvCache cache = KvCache.open(config("hot").build());
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 40);
      AttentionService service = cache.attention();
      List<ChunkKey> keys = keys(session);
      ChunkKey unknown =
          new ChunkKey(Tenant.NONE, cache.fingerprint(), keys.get(3).chain().next(TEXT, 0, 5));
      Fingerprint other = Fingerprint.of("another", Shapes.PLAIN, SPAN);
      ChunkKey foreign = new ChunkKey(Tenant.NONE, other, ChainKey.root(Tenant.NONE, other));
      PartialAttention got = service.newPartial(0, 1);
      assertThat(
              service.partial(
                  PartialRequest.whole(0, 1, List.of(keys.get(0), unknown, foreign)),
                  queries(0, 1),
                  got))
          .isEqualTo(new PartialAnswer.Missing(List.of(unknown, foreign)));
      assertThat(got.logSumExps()).containsOnly(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    AttentionService closed;
    try (KvCache cache = KvCache.open(config("hot").build());
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 40);
      AttentionService service = cache.attention();
      closed = service;
      List<ChunkKey> keys = keys(session);
      float[] queries = queries(0, 2);
      PartialAttention two = service.newPartial(0, 2);
      assertThatThrownBy(() -> service.partial(PartialRequest.whole(3, 1, keys), queries, two))
          .hasMessage("layer must lie between 0 and 2: 3");
      assertThatThrownBy(() -> service.partial(PartialRequest.whole(0, 3, keys), queries, two))
          .hasMessage("3 query tokens of layer 0 are 192 floats, 128 are given");
      assertThatThrownBy(() -> service.partial(PartialRequest.whole(0, 1, keys), queries, two))
          .hasMessage("the request makes a partial of 4 x 16, the target has 8 x 16");
      List<BitSet> three = List.of(new BitSet(), new BitSet(), new BitSet());
      assertThatThrownBy(() -> service.partial(new PartialRequest(0, 2, keys, three), queries, two))
          .hasMessage(
              "chosen positions are one set for all KV heads or one for each of 2: 3 are given");
      assertThatThrownBy(() ->
              service.partial(
                  PartialRequest.whole(0, 2, List.of(keys.get(1), keys.get(1))), queries, two))
          .hasMessageContaining("a position counts once");
      assertThatThrownBy(() -> PartialRequest.whole(0, 0, keys)).hasMessageContaining("tokens");
      assertThatThrownBy(() -> PartialRequest.whole(-1, 1, keys)).hasMessageContaining("layer");
    }
    assertThatThrownBy(() ->
            closed.partial(
                PartialRequest.whole(0, 1, List.of()), queries(0, 1), closed.newPartial(0, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the cache is closed");
  }

  @RepeatedTest(8)
  void aFlippedByteIsAMissAndNeverAWrongResult(RepetitionInfo repetition) throws IOException {
    CacheConfig config = config("ssd").build();
    List<ChunkKey> keys;
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      engine.run(session, TEXT, 40);
      session.endTurn();
      keys = keys(session);
    }
    long seed = 50L + repetition.getCurrentRepetition();
    flipOneByte(new SplittableRandom(seed));
    try (KvCache cache = KvCache.open(config)) {
      AttentionService service = cache.attention();
      for (int layer = 0; layer < 3; layer++) {
        float[] queries = queries(layer, 1);
        PartialAttention got = service.newPartial(layer, 1);
        switch (service.partial(PartialRequest.whole(layer, 1, keys), queries, got)) {
          case PartialAnswer.Computed(int tokens, int _, int far) -> {
            assertThat(far).isEqualTo(9);
            assertThat(tokens).isEqualTo(9 * SPAN);
            check(got, layer, queries, List.of(all(0, 9 * SPAN)), 2e-5);
          }
          case PartialAnswer.Missing(List<ChunkKey> missing) -> {
            assertThat(missing).as("seed %d", seed).hasSizeBetween(1, 9);
            assertThat(got.logSumExps()).containsOnly(Float.NEGATIVE_INFINITY);
          }
        }
      }
    }
  }

  private void flipOneByte(SplittableRandom random) throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.walk(folder.resolve("segments"))) {
      segments = files.filter(Files::isRegularFile).toList();
    }
    Path segment = segments.get(random.nextInt(segments.size()));
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long at = random.nextLong(file.size());
      ByteBuffer one = ByteBuffer.allocate(1);
      file.read(one, at);
      one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(8)))).flip();
      file.write(one, at);
    }
  }
}
