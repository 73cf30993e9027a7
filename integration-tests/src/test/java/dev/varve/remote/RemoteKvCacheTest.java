package dev.varve.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.client.LayerSink;
import dev.varve.client.RemoteConfig;
import dev.varve.client.RemoteKvCache;
import dev.varve.client.RemoteMatch;
import dev.varve.client.StreamOptions;
import dev.varve.compression.Encodings;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RemoteKvCacheTest {

  private static final int SPAN = ModelServer.SPAN;
  private static final int CHUNKS = 12;
  private static final int TOKENS = CHUNKS * SPAN;
  private static final int LAYERS = ModelServer.SHAPE.layerCount();
  private static final int[] IDS = IntStream.range(0, TOKENS + 7).map(i -> i * 13 + 5).toArray();
  private static final List<LayerTensors> ROWS = rows();

  /** Takes everything and compares it. */
  private static final class Engine implements LayerSink {

    private final double tolerance;
    private final List<Integer> computed = new ArrayList<>();
    private int layers;

    Engine(double tolerance) {
      this.tolerance = tolerance;
    }

    @Override
    public void layer(int layer, int firstToken, LayerTensors rows) {
      assertThat(layer).isEqualTo(layers++ % LAYERS);
      compare(rows.keys(), ROWS.get(layer).keys(), firstToken);
      compare(rows.values(), ROWS.get(layer).values(), firstToken);
    }

    @Override
    public void compute(int firstToken, int tokens) {
      computed.add(firstToken);
    }

    private void compare(EngineTensor given, EngineTensor expected, int firstToken) {
      assertThat(given.tokens()).isEqualTo(SPAN);
      for (int token = 0; token < SPAN; token += 7) {
        for (int head = 0; head < given.heads(); head++) {
          for (int i = 0; i < given.dim(); i += 5) {
            float is = element(given, token, head, i);
            float should = element(expected, firstToken + token, head, i);
            assertThat(Math.abs(is - should)).isLessThanOrEqualTo((float) tolerance);
          }
        }
      }
    }

    private static float element(EngineTensor tensor, int token, int head, int i) {
      long at = tensor.offset(token, head) + 2L * i;
      return Float.float16ToFloat(tensor.memory().get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
    }
  }

  @Test
  void whatOneEngineStoresAnotherReceivesLayerByLayer() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        RemoteKvCache reader = client(server.address())) {
      assertThat(reader.match(IDS)).isEqualTo(RemoteMatch.MISS);
      assertThat(reader.stream(IDS, 0, StreamOptions.BEST, new Engine(0))).isZero();
      assertThat(writer.store(IDS, ROWS)).isEqualTo(TOKENS);
      RemoteMatch match = reader.match(IDS);
      assertThat(match.tokens()).isEqualTo(TOKENS);
      assertThat(match.fetchTokens()).isEqualTo(TOKENS);
      Engine engine = new Engine(0);
      assertThat(reader.stream(IDS, 0, StreamOptions.BEST, engine)).isEqualTo(TOKENS);
      assertThat(engine.layers).isEqualTo(CHUNKS * LAYERS);
      Engine rest = new Engine(0);
      assertThat(reader.stream(IDS, 10 * SPAN, StreamOptions.BEST, rest)).isEqualTo(TOKENS);
      assertThat(rest.layers).isEqualTo(2 * LAYERS);
      assertThat(reader.stats().failures()).isZero();
      assertThat(reader.stats().connects()).isEqualTo(1);
    }
  }

  @Test
  void slowLinksThatJumpGiveTheSameRowsAtTheLevelsAccepted() throws IOException {
    long seed = 81;
    Random random = new Random(seed);
    double[] trace = random.doubles(64, 0.1e9 / 8, 10e9 / 8).toArray();
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        ThrottledLink link = new ThrottledLink(server.address(), i -> trace[i / 64 % 64]);
        RemoteKvCache reader = client(link.address())) {
      assertThat(writer.store(IDS, ROWS)).isEqualTo(TOKENS);
      StreamOptions hurried =
          StreamOptions.BEST
              .at(List.of(Encodings.parse("raw"), Encodings.parse("int8")))
              .within(Duration.ofMillis(50));
      for (int round = 0; round < 5; round++) {
        Engine engine = new Engine(0.1);
        assertThat(reader.stream(IDS, 0, hurried, engine)).as("seed %d", seed).isEqualTo(TOKENS);
        assertThat(engine.layers).isEqualTo(CHUNKS * LAYERS);
      }
      assertThat(reader.stream(IDS, 0, StreamOptions.BEST, new Engine(0))).isEqualTo(TOKENS);
    }
  }

  @Test
  void manyStreamsAtOnceShareTheConnections() throws Exception {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address());
        ExecutorService engines = Executors.newFixedThreadPool(8)) {
      assertThat(cache.store(IDS, ROWS)).isEqualTo(TOKENS);
      List<Future<Integer>> streams = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        streams.add(engines.submit(() -> cache.stream(IDS, 0, StreamOptions.BEST, new Engine(0))));
      }
      for (Future<Integer> stream : streams) {
        assertThat(stream.get()).isEqualTo(TOKENS);
      }
      assertThat(cache.stats().connects()).isBetween(1L, 4L);
    }
  }

  @Test
  void aDamagedByteEndsWhatIsUsableAndIsCounted() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        ThrottledLink link = new ThrottledLink(server.address(), _ -> 1e9);
        RemoteKvCache reader = client(link.address())) {
      assertThat(writer.store(IDS, ROWS)).isEqualTo(TOKENS);
      link.damageAt(300_000);
      int usable = reader.stream(IDS, 0, StreamOptions.BEST, new Engine(0));
      assertThat(usable).isBetween(SPAN, TOKENS - SPAN);
      assertThat(reader.stats().refusedFrames() + reader.stats().failures()).isPositive();
      link.damageAt(Long.MAX_VALUE);
      assertThat(reader.stream(IDS, usable, StreamOptions.BEST, new Engine(0))).isEqualTo(TOKENS);
    }
  }

  @Test
  void aConnectionThatIsCutIsAShorterPrefixAndMadeAnew() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        ThrottledLink link = new ThrottledLink(server.address(), _ -> 1e9);
        RemoteKvCache reader = client(link.address())) {
      assertThat(writer.store(IDS, ROWS)).isEqualTo(TOKENS);
      link.cutAt(300_000);
      int usable = reader.stream(IDS, 0, StreamOptions.BEST, new Engine(0));
      assertThat(usable).isBetween(SPAN, TOKENS - SPAN);
      assertThat(reader.stats().failures()).isEqualTo(1);
      link.cutAt(Long.MAX_VALUE);
      assertThat(reader.stream(IDS, usable, StreamOptions.BEST, new Engine(0))).isEqualTo(TOKENS);
      assertThat(reader.stats().connects()).isEqualTo(2);
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsAMissWithinTheDeadline() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache writer = client(server.address());
        ThrottledLink link = new ThrottledLink(server.address(), _ -> 10_000);
        RemoteKvCache reader =
            RemoteKvCache.open(
                config(link.address()).within(Duration.ofMillis(500)),
                Thread.ofPlatform().daemon().factory(),
                System::nanoTime)) {
      assertThat(writer.store(IDS, ROWS)).isEqualTo(TOKENS);
      assertThat(reader.stream(IDS, 0, StreamOptions.BEST, new Engine(0))).isLessThan(TOKENS);
      assertThat(reader.stats().failures()).isEqualTo(1);
    }
  }

  @Test
  void nobodyThereIsAMissAndAServerThatComesLaterIsFound() throws Exception {
    int port;
    InetSocketAddress address;
    try (ModelServer gone = new ModelServer(0)) {
      port = gone.address().getPort();
      address = gone.address();
    }
    try (RemoteKvCache cache = client(address)) {
      assertThat(cache.match(IDS)).isEqualTo(RemoteMatch.MISS);
      assertThat(cache.store(IDS, ROWS)).isZero();
      assertThat(cache.stream(IDS, 0, StreamOptions.BEST, new Engine(0))).isZero();
      assertThat(cache.stats().failures()).isEqualTo(3);
      try (ModelServer server = new ModelServer(port)) {
        long end = System.nanoTime() + 60_000_000_000L;
        int stored = 0;
        while (stored == 0 && System.nanoTime() < end) {
          stored = cache.store(IDS, ROWS);
          Thread.sleep(20);
        }
        assertThat(stored).isEqualTo(TOKENS);
        assertThat(server.cache().find(Tenant.NONE, IDS).tokens()).isEqualTo(TOKENS);
      }
    }
  }

  @Test
  void aServerOfAnotherShapeIsAMiss() throws IOException {
    ModelGeometry other =
        ModelGeometry.of(
            ModelShape.uniform(3, LayerShape.grouped(2, 2, 64, RopeSpec.none()), Dtype.F16), SPAN);
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache =
            RemoteKvCache.open(
                RemoteConfig.of(server.address(), "m", other),
                Thread.ofPlatform().daemon().factory(),
                System::nanoTime);
        RemoteKvCache nameless =
            RemoteKvCache.open(
                RemoteConfig.of(server.address(), "nosuch", ModelServer.GEOMETRY),
                Thread.ofPlatform().daemon().factory(),
                System::nanoTime)) {
      assertThat(cache.match(IDS)).isEqualTo(RemoteMatch.MISS);
      assertThat(nameless.match(IDS)).isEqualTo(RemoteMatch.MISS);
      assertThat(nameless.stats().failures()).isEqualTo(1);
    }
  }

  @Test
  void textIsHandedToAnEngineThatComputes() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address())) {
      assertThat(cache.store(IDS, ROWS)).isEqualTo(TOKENS);
      server.cache().reportPrefill(1_000_000, 0, 1);
      Engine engine = new Engine(0);
      StreamOptions options = StreamOptions.BEST.computing();
      assertThat(cache.stream(IDS, 0, options, engine)).isEqualTo(TOKENS);
      assertThat(engine.layers + engine.computed.size() * LAYERS).isEqualTo(CHUNKS * LAYERS);
    }
  }

  @Test
  void whatIsWrongWithARequestIsSaid() throws IOException {
    try (ModelServer server = new ModelServer(0);
        RemoteKvCache cache = client(server.address())) {
      assertThatThrownBy(() -> cache.stream(IDS, 3, StreamOptions.BEST, new Engine(0)))
          .hasMessage("a stream begins at a multiple of 64 up to 775: 3");
      assertThatThrownBy(() -> cache.store(IDS, ROWS.subList(0, 2)))
          .hasMessage("the model has 4 layers, tensors of 2 were given");
    }
  }

  private static RemoteConfig config(InetSocketAddress address) {
    return RemoteConfig.of(address, "m", ModelServer.GEOMETRY).within(Duration.ofSeconds(60));
  }

  private static RemoteKvCache client(InetSocketAddress address) {
    return RemoteKvCache.open(
        config(address), Thread.ofPlatform().daemon().factory(), System::nanoTime);
  }

  private static List<LayerTensors> rows() {
    Random random = new Random(82);
    List<LayerTensors> rows = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      rows.add(new LayerTensors(tensor(random), tensor(random)));
    }
    return rows;
  }

  private static EngineTensor tensor(Random random) {
    short[] elements = new short[TOKENS * 2 * 64];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = Float.floatToFloat16((float) random.nextGaussian());
    }
    return EngineTensor.dense(MemorySegment.ofArray(elements), Dtype.F16, TOKENS, 2, 64);
  }
}
