package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.sdk.CacheStats.Encoded;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
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

class EncodedTiersTest {

  private static final ModelShape SHAPE = Shapes.MIXED;
  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(21, 200);
  private static final int WHOLE = 192;
  private static final Acceptance INT8 = new Acceptance.Named(Set.of(Encodings.parse("int8")));
  private static final double INT8_ERROR = 1.0 / 255 + 0x1p-10;

  private final SyntheticEngine engine = new SyntheticEngine(SHAPE);

  @TempDir Path folder;

  @RepeatedTest(4)
  void anExactSessionReadsEveryBitWhateverTheTiersHold(RepetitionInfo repetition) {
    long seed = 300L + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    for (int life = 0; life < 2; life++) {
      try (KvCache cache = KvCache.open(config("host=int8 ssd=fp8").build());
          KvSession accepting = cache.openSession(Tenant.NONE, any());
          KvSession exact = cache.openSession()) {
        assertThat(exact.exact()).isTrue();
        assertThat(accepting.exact()).isFalse();
        int other = accepting.reuse(TEXT);
        engine.run(accepting, Arrays.copyOfRange(TEXT, other, TEXT.length), 16);
        int reused = exact.reuse(TEXT);
        assertThat(reused).isEqualTo(life == 0 ? 0 : WHOLE);
        int at = reused;
        while (at < TEXT.length) {
          int end = Math.min(TEXT.length, at + 1 + random.nextInt(40));
          engine.step(exact, Arrays.copyOfRange(TEXT, at, end));
          at = end;
          cache.work();
        }
        exact.truncate(TEXT.length - 1);
        float[][] last = engine.step(exact, Arrays.copyOfRange(TEXT, TEXT.length - 1, TEXT.length));
        assertThat(last).as("life %d, seed %d", life, seed).isDeepEqualTo(plain());
        exact.endTurn();
      }
      try (KvCache cache = KvCache.open(config("host=int8 ssd=fp8").build());
          PrefixMatch match = cache.match(TEXT)) {
        assertThat(match.tokens()).isEqualTo(WHOLE);
        check(match, 0);
      }
    }
  }

  @Test
  void exactEncodingsServeEverybody() {
    String[] lives = {"host=lossless ssd=lossless", "", "host=int8 ssd=lossless", "ssd=lossless"};
    for (String encodings : lives) {
      try (KvCache cache = KvCache.open(config(encodings).build());
          KvSession session = cache.openSession()) {
        assertThat(session.reuse(TEXT)).isEqualTo(encodings.equals(lives[0]) ? 0 : WHOLE);
        int at = session.length();
        engine.run(session, Arrays.copyOfRange(TEXT, at, TEXT.length - 1), 16);
        assertThat(engine.step(session, Arrays.copyOfRange(TEXT, TEXT.length - 1, TEXT.length)))
            .as("'%s'", encodings)
            .isDeepEqualTo(plain());
        session.endTurn();
        CacheStats.TierStats ssd = cache.stats().tier(Tier.SSD);
        assertThat(ssd.damaged()).isZero();
        assertThat(ssd.encoded().ratio()).isGreaterThanOrEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"host=int8", "ssd=int8", "host=int8 ssd=int8"})
  void anAcceptingSessionIsGivenValuesWithinTheBound(String encodings) {
    Acceptance small = new Acceptance.Within(0.005);
    for (int life = 0; life < 2; life++) {
      try (KvCache cache = KvCache.open(config(encodings).accept(small).build())) {
        assertThat(cache.store(Tenant.NONE, TEXT, tensors())).isEqualTo(WHOLE);
        sinkOthers(cache, small);
        try (PrefixMatch match = cache.match(TEXT)) {
          assertThat(match.tokens()).isEqualTo(WHOLE);
          check(match, INT8_ERROR);
        }
        try (PrefixMatch match = cache.match(Tenant.NONE, new Acceptance.Exact(), TEXT)) {
          assertThat(match.tokens()).isZero();
        }
      }
    }
  }

  @Test
  void whatIsNotAcceptedIsHeldRaw() {
    try (KvCache cache = KvCache.open(config("host=fp8 ssd=int8").accept(INT8).build())) {
      cache.store(Tenant.NONE, TEXT, tensors());
      sinkOthers(cache, INT8);
      try (PrefixMatch match = cache.match(TEXT)) {
        check(match, INT8_ERROR);
      }
      assertThat(cache.stats().tier(Tier.HOST).encoded().ratio()).isEqualTo(1);
      assertThat(cache.stats().tier(Tier.SSD).encoded().ratio()).isGreaterThan(1.3);
      try (KvSession none = cache.openSession(Tenant.NONE, new Acceptance.Within(1e-6))) {
        assertThat(none.exact()).isTrue();
      }
    }
  }

  @Test
  void repeatedUseOfAPrefixAddsNoError() {
    for (int round = 0; round < 6; round++) {
      try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").accept(INT8).build());
          KvSession session = cache.openSession()) {
        // A full hit copies the last block, less a token, into the growing one, which is sealed
        // again.
        int reused = session.reuse(Arrays.copyOf(TEXT, WHOLE));
        engine.run(session, Arrays.copyOfRange(TEXT, reused, TEXT.length), 16);
        session.truncate(150 - round);
        engine.run(session, Arrays.copyOfRange(TEXT, 150 - round, TEXT.length), 16);
        session.endTurn();
        sinkOthers(cache, INT8);
      }
      try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").accept(INT8).build());
          PrefixMatch match = cache.match(TEXT)) {
        assertThat(match.tokens()).isEqualTo(WHOLE);
        check(match, INT8_ERROR);
      }
    }
  }

  @Test
  void theLongerOfTheExactAndTheApproximatePrefixIsTaken() {
    try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").build())) {
      try (KvSession exact = cache.openSession()) {
        engine.run(exact, TEXT, 16);
      }
      try (KvSession accepting = cache.openSession(Tenant.NONE, INT8)) {
        assertThat(accepting.reuse(TEXT)).isEqualTo(WHOLE);
        assertThat(accepting.exact()).isTrue();
      }
      try (KvSession accepting = cache.openSession(Tenant.NONE, INT8)) {
        engine.run(accepting, TEXT, 16);
      }
      try (KvSession accepting = cache.openSession(Tenant.NONE, INT8)) {
        assertThat(accepting.reuse(TEXT)).isEqualTo(WHOLE);
        assertThat(accepting.exact()).as("in a tie what takes less room").isFalse();
      }
    }
  }

  @Test
  void aRestartWithOtherEncodingsMissesWhatWasWritten() {
    try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").accept(INT8).build())) {
      cache.store(Tenant.NONE, TEXT, tensors());
    }
    for (String other : List.of("", "host=fp8 ssd=fp8", "ssd=int8", "host=int8 ssd=fp8")) {
      try (KvCache cache = KvCache.open(config(other).accept(any()).build());
          PrefixMatch match = cache.match(TEXT)) {
        assertThat(match.tokens()).as("'%s'", other).isZero();
      }
    }
    try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").accept(any()).build())) {
      try (PrefixMatch match = cache.match(TEXT)) {
        assertThat(match.tokens()).isEqualTo(WHOLE);
        check(match, INT8_ERROR);
      }
      assertThat(cache.tenants().eraseModel(cache.fingerprint()).chunks()).isEqualTo(6);
    }
  }

  @RepeatedTest(8)
  void aFlippedByteShortensTheMatch(RepetitionInfo repetition) throws IOException {
    CacheConfig config = config("host=int8 ssd=int8").accept(INT8).build();
    try (KvCache cache = KvCache.open(config)) {
      cache.store(Tenant.NONE, TEXT, tensors());
    }
    long seed = 700L + repetition.getCurrentRepetition();
    long at = flipOneByte(new SplittableRandom(seed));
    try (KvCache cache = KvCache.open(config);
        PrefixMatch match = cache.match(TEXT)) {
      if (match.tokens() < WHOLE) {
        assertThat(cache.stats().tier(Tier.SSD).damaged()).isPositive();
      }
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        checkWithin(match, layer, match.tokens(), INT8_ERROR, "byte " + at + ", seed " + seed);
      }
    }
  }

  @Test
  void statsSayWhatTheEncodingsAchieved() {
    try (KvCache cache = KvCache.open(config("host=int8 ssd=fp8").accept(any()).build())) {
      cache.store(Tenant.NONE, TEXT, tensors());
      sinkOthers(cache, any());
      Encoded host = cache.stats().tier(Tier.HOST).encoded();
      Encoded ssd = cache.stats().tier(Tier.SSD).encoded();

      assertThat(host.encoding()).isEqualTo("int8");
      assertThat(ssd.encoding()).isEqualTo("fp8");
      assertThat(ssd.rawBytes()).isGreaterThan(ssd.writtenBytes());
      assertThat(ssd.ratio()).isBetween(1.4, 2.0);
      assertThat(host.ratio()).isBetween(1.2, 2.0);
      assertThat(ssd.unapplied()).isZero();
      assertThat(ssd.sentence(Tier.SSD)).startsWith("SSD wrote " + ssd.rawBytes() + " bytes");
      assertThat(cache.stats().tier(Tier.HOT).encoded().ratio()).isEqualTo(1);
    }
  }

  @Test
  void savedSessionsGoOnInTheirLineageOnly() {
    float[][] expected;
    try (KvCache cache = KvCache.open(config("ssd=int8").accept(INT8).build());
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, 170), 16);
      assertThat(session.save("talk")).isZero();
    }
    try (KvCache cache = KvCache.open(config("").build())) {
      assertThat(cache.resume("talk"))
          .isInstanceOfSatisfying(
              Resumption.Refused.class,
              refused -> assertThat(refused.reason()).contains("accepted approximations"));
      assertThat(cache.stats().refusedSessions()).as("nothing is damaged").isZero();
    }
    try (KvCache cache = KvCache.open(config("ssd=int8").build());
        KvSession session = ((Resumption.Resumed) cache.resume("talk")).session()) {
      assertThat(session.length()).isEqualTo(170);
      assertThat(session.exact()).isFalse();
      expected = engine.run(session, Arrays.copyOfRange(TEXT, 170, TEXT.length), 16);
      assertThat(expected).isNotEmpty();
      session.endTurn();
    }
    try (KvCache cache = KvCache.open(config("ssd=int8").accept(INT8).build());
        PrefixMatch match = cache.match(TEXT)) {
      assertThat(match.tokens()).isEqualTo(WHOLE);
      check(match, INT8_ERROR);
    }
  }

  @Test
  void erasingAndKeepingAPrefixReachesEveryLineage() {
    try (KvCache cache = KvCache.open(config("host=int8 ssd=int8").build())) {
      for (Acceptance each : List.of(new Acceptance.Exact(), INT8)) {
        try (KvSession session = cache.openSession(Tenant.NONE, each)) {
          engine.run(session, TEXT, 16);
          session.endTurn();
          session.save(each.text().equals("exact") ? "exact" : "approximate");
        }
      }
      assertThat(cache.retention().pin(Tenant.NONE, TEXT).tokens()).isEqualTo(WHOLE);
    }
    try (KvCache cache = KvCache.open(config("").build())) {
      ErasureReport report =
          cache.tenants().erasePrefix(Tenant.NONE, Arrays.copyOf(TEXT, 2 * SPAN));

      assertThat(report.chunks()).as("five of each lineage").isEqualTo(10);
      assertThat(report.savedSessions()).isEqualTo(2);
      assertThat(cache.savedSessions()).isEmpty();
      assertThat(cache.stats().chunks()).isEqualTo(2);
    }
  }

  @Test
  void refusesWhatDoesNotFitTheModelOrTheCache() {
    assertThatThrownBy(() -> KvCache.open(config("ssd=kivi4").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SSD cannot write layer 0 of this model as kivi4");
    CacheConfig.Builder builder =
        CacheConfig.of(SHAPE, "model").host(1 << 20).encodings("ssd=int8");
    assertThatThrownBy(builder::build).hasMessageContaining("add an SSD tier");
    assertThatThrownBy(() -> Acceptance.parse("int9")).hasMessageContaining("there are raw");
    assertThatThrownBy(() -> Acceptance.parse("1.5")).hasMessageContaining("not above 1: 1.5");
    assertThatThrownBy(() -> Acceptance.parse("0.0.1")).hasMessageContaining("is no fraction");
    assertThatThrownBy(() -> Acceptance.parse("")).hasMessageContaining("no encoding is named ''");
    for (String text : List.of("exact", "0.01", "fp8,int8")) {
      assertThat(Acceptance.parse(text).text()).isEqualTo(text);
    }
  }

  private static Acceptance any() {
    return new Acceptance.Named(Set.of(Encodings.parse("int8"), Encodings.parse("fp8")));
  }

  /** Has other texts push the blocks of {@link #TEXT} down. */
  private void sinkOthers(KvCache cache, Acceptance accepted) {
    try (KvSession other = cache.openSession(Tenant.NONE, accepted)) {
      engine.run(other, SyntheticEngine.tokens(77, 120), 16);
    }
  }

  private float[][] plain() {
    CacheConfig config = CacheConfig.of(SHAPE, "model").blockTokens(SPAN).hot(4 << 20).build();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      engine.run(session, Arrays.copyOf(TEXT, TEXT.length - 1), 16);
      return engine.step(session, Arrays.copyOfRange(TEXT, TEXT.length - 1, TEXT.length));
    }
  }

  private void check(PrefixMatch match, double error) {
    for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
      checkWithin(match, layer, match.tokens(), error, "");
    }
  }

  /** Compares every row with what was stored, as a fraction of the largest number in the row. */
  private void checkWithin(PrefixMatch match, int layer, int tokens, double error, String hint) {
    int owner = SHAPE.ownerOf(layer);
    LayerShape shape = SHAPE.layers().get(owner);
    int keys = shape.kvHeads() * shape.keyDim();
    int values = shape.kvHeads() * shape.valueDim();
    LayerTensors target =
        new LayerTensors(
            EngineTensor.of(new float[tokens * keys], tokens, shape.kvHeads(), shape.keyDim()),
            EngineTensor.of(new float[tokens * values], tokens, shape.kvHeads(), shape.valueDim()));
    assertThat(match.load(layer, 0, tokens, target)).isEqualTo(new LoadResult.Complete(tokens));
    int[] ids = Arrays.copyOf(TEXT, tokens);
    rowsWithin(engine.keys(owner, ids, 0), target.keys(), shape.keyDim(), error, hint);
    if (!shape.valueIsPrefixOfKey()) {
      rowsWithin(engine.values(owner, ids, 0), target.values(), shape.valueDim(), error, hint);
    }
  }

  private static void rowsWithin(
      EngineTensor stored, EngineTensor read, int dim, double error, String hint) {
    float[] expected = stored.memory().toArray(ValueLayout.JAVA_FLOAT);
    float[] actual = read.memory().toArray(ValueLayout.JAVA_FLOAT);
    for (int row = 0; row < expected.length; row += dim) {
      double peak = 0;
      for (int i = row; i < row + dim; i++) {
        peak = Math.max(peak, Math.abs(expected[i]));
      }
      for (int i = row; i < row + dim; i++) {
        assertThat(Math.abs((double) actual[i] - expected[i]))
            .as("element %d: %s became %s; %s", i, expected[i], actual[i], hint)
            .isLessThanOrEqualTo(error * peak + (error == 0 ? 0 : 1e-5));
      }
    }
  }

  private List<LayerTensors> tensors() {
    List<LayerTensors> tensors = new ArrayList<>();
    for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
      tensors.add(new LayerTensors(engine.keys(layer, TEXT, 0), engine.values(layer, TEXT, 0)));
    }
    return tensors;
  }

  private CacheConfig.Builder config(String encodings) {
    return CacheConfig.of(SHAPE, "model")
        .blockTokens(SPAN)
        .hot(20 * 8192)
        .host(16 * 12288)
        .ssd(folder, 64 << 20)
        .encodings(encodings);
  }

  private long flipOneByte(SplittableRandom random) throws IOException {
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
      return at;
    }
  }
}
