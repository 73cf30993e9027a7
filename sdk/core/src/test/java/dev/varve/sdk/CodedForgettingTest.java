package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.sdk.forgetting.CodedTokens;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that keep what matters less in few bits. */
class CodedForgettingTest {

  private static final int SPAN = 64;
  private static final int DIM = 64;
  private static final int PROMPT = 300;
  private static final int[] TEXT = SyntheticEngine.tokens(31, 400);
  private static final ModelShape SHAPE =
      ModelShape.uniform(
          2,
          LayerShape.grouped(4, 2, DIM, RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES)),
          Dtype.F16);

  private final SyntheticEngine engine = new SyntheticEngine(SHAPE);

  private static KvCache cache(Backend backend) {
    return KvCache.open(
        CacheConfig.of(SHAPE, "model")
            .blockTokens(SPAN)
            .hot(200 * SPAN * 4L * DIM * 2)
            .backend(backend)
            .build());
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  private static boolean exact(int row) {
    return row % 7 == 3 || row > 290;
  }

  private static int[] rows(int count, IntPredicate some) {
    return IntStream.range(0, count).filter(some).toArray();
  }

  /** Some rows as they are, the others in few bits. */
  private static ScriptedForgetting coding(String encoding) {
    return new ScriptedForgetting(history -> {
      KeepSets keep = ScriptedForgetting.keep(history, CodedForgettingTest::exact);
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        int[] others = rows(history.rows(layer, 0), row -> !exact(row));
        keep.setCoded(layer, new CodedTokens(Encodings.parse(encoding), others));
      }
      return keep;
    });
  }

  /** What such a session holds, decoded by the codec itself. */
  private static PlainMemory decoded(String encoding) {
    PlainMemory memory = new PlainMemory(SHAPE);
    for (int position = 0; position < PROMPT; position++) {
      memory.append(TEXT[position], position);
    }
    BlockGeometry block = BlockGeometry.of(SHAPE.layers().getFirst(), Dtype.F16, SPAN);
    RopeSpec rope = SHAPE.layers().getFirst().rope();
    BlockCodec codec = Codecs.open(Encodings.parse(encoding), block, rope, Backend.SCALAR);
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, Dtype.F16);
    int[] others = rows(PROMPT, row -> !exact(row));
    for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
      for (int at = 0; at < others.length; at += SPAN) {
        int count = Math.min(SPAN, others.length - at);
        MemorySegment bytes = Arena.ofAuto().allocate(block.bytes(), BlockGeometry.ALIGNMENT);
        for (int i = 0; i < count; i++) {
          for (int head = 0; head < 2; head++) {
            PlainMemory.Row row = memory.rows(layer, head).get(others[at + i]);
            kernel.store(row.key(), 0, DIM, bytes, block.keyOffset(head, i));
            kernel.store(row.value(), 0, DIM, bytes, block.valueOffset(head, i));
          }
        }
        MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(count), 64);
        EncodeResult.Encoded size =
            (EncodeResult.Encoded) codec.encode(bytes, CodecContext.of(count), target);
        codec.decode(target.asSlice(0, size.bytes()), bytes);
        for (int i = 0; i < count; i++) {
          for (int head = 0; head < 2; head++) {
            PlainMemory.Row row = memory.rows(layer, head).get(others[at + i]);
            kernel.load(bytes, block.keyOffset(head, i), row.key(), 0, DIM);
            kernel.load(bytes, block.valueOffset(head, i), row.value(), 0, DIM);
          }
        }
      }
    }
    return memory;
  }

  private float[][] decode(KvSession session, int at) {
    float[][] outputs = new float[SHAPE.layerCount()][];
    try (Step step = session.begin(text(at, at + 1), false)) {
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        step.append(
            layer,
            engine.keys(layer, text(at, at + 1), at),
            engine.values(layer, text(at, at + 1), at));
        outputs[layer] = engine.attend(step, layer, text(at, at + 1), at);
      }
      step.end();
    }
    return outputs;
  }

  private static void assertClose(float[] found, double[] expected, double tolerance) {
    assertThat(found.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(tolerance));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4", "int2"})
  void attendsToRowsOfTwoPrecisions(String encoding) {
    for (Backend backend : Backend.values()) {
      try (KvCache cache = cache(backend);
          KvSession session = cache.openSession(Tenant.NONE, coding(encoding))) {
        engine.run(session, text(0, PROMPT), 100);
        assertThat(session.forget()).isTrue();
        PlainMemory plain = decoded(encoding);
        for (int at = PROMPT; at < PROMPT + 3; at++) {
          plain.append(TEXT[at], at);
          float[][] outputs = decode(session, at);
          for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
            // The judge rounds what it decodes to f16, attention does not.
            assertClose(outputs[layer], plain.attend(layer, TEXT[at], at), 4e-3);
          }
        }
      }
    }
  }

  @Test
  void fewerBitsTakeLessMemoryAndCostMoreAccuracy() {
    double[] error = new double[4];
    long[] bytes = new long[4];
    long[] own = new long[4];
    List<String> names = List.of("int8", "int4", "int2", "");
    for (int i = 0; i < 4; i++) {
      ScriptedForgetting policy =
          i == 3 ? ScriptedForgetting.rows(CodedForgettingTest::exact) : coding(names.get(i));
      try (KvCache cache = cache(Backend.SCALAR);
          KvSession session = cache.openSession(Tenant.NONE, policy)) {
        engine.run(session, text(0, PROMPT), 100);
        session.forget();
        SessionUsage usage = session.usage();
        ForgettingStats stats = cache.stats().forgetting();
        bytes[i] = usage.rowBytes();
        own[i] = usage.ownBytes();
        assertThat(stats.bytesAfter()).isEqualTo(bytes[i]);
        assertThat(stats.privateBytes()).isEqualTo(own[i]);
        int left = i == 3 ? rows(PROMPT, CodedForgettingTest::exact).length : PROMPT;
        assertThat(usage.rows()).isEqualTo(left * 4L);
        float[][] outputs = decode(session, PROMPT);
        for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
          double[] full = engine.reference(layer, text(0, PROMPT + 1));
          for (int e = 0; e < full.length; e++) {
            error[i] += Math.pow(outputs[layer][e] - full[e], 2);
          }
        }
      }
    }
    long full = PROMPT * 4L * 2 * DIM * 2;
    assertThat(bytes[0]).isLessThan((long) (0.65 * full));
    assertThat(bytes[1]).isLessThan((long) (0.47 * full));
    assertThat(bytes[2]).isLessThan((long) (0.37 * full));
    assertThat(bytes[3]).isLessThan(bytes[2]);
    assertThat(own[1]).as("hot memory, whole slots").isLessThan(own[0]);
    assertThat(error[0]).isLessThan(error[1] / 10);
    assertThat(error[1]).isLessThan(error[2]);
    assertThat(error[2]).isLessThan(error[3]);
  }

  @Test
  void pagesAreCarriedOnForkedAndCutAndNeverEncodedTwice() {
    try (KvCache cache = cache(Backend.SCALAR);
        KvSession session = cache.openSession(Tenant.NONE, coding("int4"))) {
      engine.run(session, text(0, PROMPT), 100);
      session.forget();
      long before = session.usage().rows();
      float[][] expected;
      try (KvSession fork = session.fork()) {
        assertThat(fork.usage().rowBytes()).isEqualTo(session.usage().rowBytes());
        expected = decode(fork, PROMPT);
        assertThat(decode(session, PROMPT)).isDeepEqualTo(expected);
        session.truncate(PROMPT);
        assertThat(decode(session, PROMPT)).isDeepEqualTo(expected);
        session.truncate(100);
        assertThat(session.usage().rows()).isEqualTo(100 * 4L);
        PlainMemory plain = decoded("int4");
        plain.truncate(100);
        plain.append(TEXT[100], 100);
        assertClose(decode(session, 100)[0], plain.attend(0, TEXT[100], 100), 4e-3);
        // Of what the fork holds exactly, row 0 is position 3: the second time other rows go.
        for (int at = PROMPT + 1; at < PROMPT + 60; at++) {
          decode(fork, at);
        }
        assertThat(fork.forget()).isTrue();
        assertThat(fork.usage().rows()).isEqualTo(before + 60 * 4L);
        float[][] outputs = decode(fork, PROMPT + 60);
        for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
          assertClose(outputs[layer], engine.reference(layer, text(0, PROMPT + 61)), 0.12);
        }
      }
      session.truncate(0);
      assertThat(cache.stats().forgetting().privateBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void zipVlKeepsTheRestInFewBits(Backend backend) {
    try (KvCache cache = cache(backend);
        KvSession dropping =
            cache.openSession(Tenant.NONE, EvictionForgetting.parse("zipvl(mass=0.6,probes=16)"));
        KvSession session =
            cache.openSession(
                Tenant.NONE, EvictionForgetting.parse("zipvl(mass=0.6,probes=16,low=int4)"))) {
      for (KvSession each : List.of(dropping, session)) {
        engine.run(each, text(0, 200), 200);
        engine.run(each, text(200, PROMPT), 100);
        assertThat(each.forgettingFailure()).isEmpty();
        assertThat(each.usage().forgot()).isTrue();
      }
      SessionUsage usage = session.usage();
      assertThat(usage.rows()).as("nothing is lost").isEqualTo(PROMPT * 4L);
      assertThat(usage.rowBytes()).isLessThan(usage.fullBytes() * 3 / 4);
      assertThat(dropping.usage().rows()).isLessThan(usage.rows());
      float[][] kept = decode(session, PROMPT);
      float[][] lost = decode(dropping, PROMPT);
      double error = 0;
      double errorOfDropping = 0;
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        double[] full = engine.reference(layer, text(0, PROMPT + 1));
        for (int i = 0; i < full.length; i++) {
          error += Math.pow(kept[layer][i] - full[i], 2);
          errorOfDropping += Math.pow(lost[layer][i] - full[i], 2);
        }
      }
      assertThat(error).isLessThan(errorOfDropping / 4);
    }
  }

  @Test
  void refusesWhatCannotWork(@TempDir Path folder) {
    CacheConfig narrow =
        CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32).hot(100 * 4096).build();
    CacheConfig mixed =
        CacheConfig.of(Shapes.MIXED, "model").blockTokens(32).hot(150 * 8192).build();
    try (KvCache cache = KvCache.open(narrow);
        KvCache other = KvCache.open(mixed)) {
      assertThatThrownBy(
              () -> cache.openSession(Tenant.NONE, EvictionForgetting.parse("zipvl(low=int4)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer 0 in few bits")
          .hasMessageContaining("32");
      assertThatThrownBy(
              () -> other.openSession(Tenant.NONE, EvictionForgetting.parse("zipvl(low=int8)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("part of its keys");
    }
    assertThatThrownBy(() -> EvictionForgetting.parse("zipvl(low=int3)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("int4");
    assertThatThrownBy(() -> EvictionForgetting.parse("zipvl(low=int4)+values"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("neither merged nor turned");
    assertThatThrownBy(() -> new CodedTokens(Encodings.parse("int4"), new int[] {4, 4}))
        .hasMessageContaining("row 4 follows row 4");
    CacheConfig stored =
        CacheConfig.of(SHAPE, "model")
            .blockTokens(SPAN)
            .hot(200 * SPAN * 4L * DIM * 2)
            .ssd(folder, 32 << 20)
            .build();
    ScriptedForgetting twice =
        new ScriptedForgetting(history ->
            ScriptedForgetting.keep(history, row -> row > 3)
                .setCoded(0, new CodedTokens(Encodings.parse("int4"), new int[] {2, 4})));
    try (KvCache cache = KvCache.open(stored);
        KvSession session = cache.openSession(Tenant.NONE, coding("int4"));
        KvSession wrong = cache.openSession(Tenant.NONE, twice)) {
      engine.run(session, text(0, PROMPT), 100);
      session.forget();
      assertThatThrownBy(() -> session.save("s"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("few bits");
      engine.run(wrong, text(0, 100), 100);
      assertThatThrownBy(wrong::forget).hasMessageContaining("say one of both");
      assertThat(wrong.usage().forgot()).isFalse();
    }
  }
}
