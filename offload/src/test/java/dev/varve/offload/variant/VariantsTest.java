package dev.varve.offload.variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockKey;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariantsTest {

  private static final ModelShape SHAPE =
      ModelShape.uniform(2, LayerShape.grouped(4, 2, 64, RopeSpec.none()), Dtype.F32);
  private static final Fingerprint MODEL = Fingerprint.of("model", SHAPE, 128);
  private static final ModelGeometry GEOMETRY = ModelGeometry.of(SHAPE, 128);
  private static final BlockGeometry BLOCK = GEOMETRY.block(0);

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void lineagesAreOfTheModelAndNeverTheSame() {
    Lineages lineages = variants("host=int8 ssd=gear4").lineages();
    Fingerprint both = lineages.accepting(_ -> true);
    Fingerprint host = lineages.accepting(Encodings.parse("int8")::equals);
    Fingerprint ssd = lineages.accepting(Encodings.parse("gear4")::equals);

    assertThat(lineages.accepting(_ -> false)).isEqualTo(MODEL).isEqualTo(lineages.exact());
    assertThat(lineages.among(Set.of()))
        .containsExactlyInAnyOrder(MODEL, both, host, ssd)
        .allMatch(MODEL::sameModel);
    assertThat(lineages.exact(MODEL)).isTrue();
    assertThat(lineages.exact(both)).isFalse();
    assertThat(variants("host=gear4 ssd=int8").lineages().accepting(_ -> true)).isNotEqualTo(both);
    assertThat(lineages.encodings(host)).contains(TierEncodings.parse("host=int8"));
    assertThat(lineages.encodings(Fingerprint.of("other", SHAPE, 128))).isEmpty();
  }

  @Test
  void refusesAnEncodingThatCannotWriteTheModel() {
    ModelShape narrow =
        ModelShape.uniform(2, LayerShape.grouped(2, 1, 8, RopeSpec.none()), Dtype.F16);
    ModelGeometry geometry = ModelGeometry.of(narrow, 32);
    TierEncodings grouped = TierEncodings.parse("ssd=kivi4");
    TierEncodings unknown = new TierEncodings(Map.of(Tier.HOST, Encoding.of(0xff, 0xff)));

    assertThatThrownBy(() -> Variants.of(MODEL, geometry, grouped, Backend.SCALAR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SSD cannot write layer 0 of this model as kivi4: ");
    TierEncodings predicted = TierEncodings.parse("host=aquakv2");
    assertThatThrownBy(() -> Variants.of(MODEL, GEOMETRY, predicted, Backend.SCALAR))
        .hasMessageContaining(
            "HOST cannot write layer 0 of this model as aquakv2: aquakv2 predicts a layer from")
        .hasMessageContaining("which only a container has");
    assertThatThrownBy(() -> Variants.of(MODEL, GEOMETRY, unknown, Backend.SCALAR))
        .hasMessageContaining("HOST cannot write")
        .hasMessageContaining("this program does not know");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fp8", "int8", "kivi4", "gear4", "int8-rotated4", "nsn2"})
  void writesASealedBlockAndReadsItBack(String name) {
    Variants variants = variants("host=" + name);
    Chunk chunk = chunk(variants, 1);
    MemorySegment sealed = block(5);
    Coding coding = encode(variants, chunk, sealed);

    assertThat(coding.refused()).isFalse();
    assertThat(coding.encoding()).isEqualTo(Encodings.parse(name));
    assertThat(coding.payload().byteSize()).isLessThan(BLOCK.bytes() / 2);
    MemorySegment read = arena.allocate(BLOCK.bytes()).fill((byte) 0x5a);
    BlockKey key = chunk.key().block(0, coding.encoding());
    assertThat(variants.decode(key, coding.payload(), read)).isEmpty();
    double squares = 0;
    for (long at = 0; at < BLOCK.bytes() / 4; at++) {
      double off =
          read.getAtIndex(ValueLayout.JAVA_FLOAT, at)
              - sealed.getAtIndex(ValueLayout.JAVA_FLOAT, at);
      squares += off * off;
    }
    assertThat(Math.sqrt(squares / (BLOCK.bytes() / 4.0))).isLessThan(0.4);
  }

  @Test
  void losslessBelongsToTheExactLineageAndKeepsEveryBit() {
    Variants variants = variants("host=lossless ssd=int8");
    Fingerprint lineage = variants.lineages().accepting(_ -> false);
    assertThat(lineage).isEqualTo(MODEL);
    ChainKey root = ChainKey.root(Tenant.NONE, MODEL);
    Chunk chunk = new Chunk(new ChunkKey(Tenant.NONE, MODEL, root), new ChunkSpan(root, 0, 128, 2));
    MemorySegment sealed = block(9);
    sealed.setAtIndex(ValueLayout.JAVA_INT, 700, 0x7fc12345);
    Coding coding = encode(variants, chunk, sealed);

    assertThat(variants.exact(chunk)).isTrue();
    assertThat(variants.planned(chunk, Tier.SSD)).isEqualTo(Encoding.RAW);
    assertThat(coding.encoding()).isEqualTo(Encodings.parse("lossless"));
    assertThat(coding.payload().byteSize()).isLessThan(BLOCK.bytes());
    MemorySegment read = arena.allocate(BLOCK.bytes()).fill((byte) 0x5a);
    BlockKey key = chunk.key().block(0, coding.encoding());
    assertThat(variants.decode(key, coding.payload(), read)).isEmpty();
    assertThat(read.mismatch(sealed)).isEqualTo(-1);
  }

  @Test
  void keepsTheFirstTokensOfASequenceExactly() {
    Variants variants = variants("host=int8");
    MemorySegment sealed = block(6);

    for (int place = 0; place < 2; place++) {
      Chunk chunk = chunk(variants, place);
      Coding coding = encode(variants, chunk, sealed);
      MemorySegment read = arena.allocate(BLOCK.bytes());
      BlockKey key = chunk.key().block(0, coding.encoding());
      assertThat(variants.decode(key, coding.payload(), read)).isEmpty();
      long sinks = Variants.SINKS * BLOCK.keyRowBytes();
      long different = sealed.asSlice(0, sinks).mismatch(read.asSlice(0, sinks));
      assertThat(different == -1).as("chunk %d", place).isEqualTo(place == 0);
    }
  }

  @Test
  void leavesABlockRawThatAnEncodingRefuses() {
    Variants variants = variants("host=int8");
    Chunk chunk = chunk(variants, 1);
    MemorySegment sealed = block(7);
    sealed.setAtIndex(ValueLayout.JAVA_FLOAT, 700, Float.NaN);
    Coding coding = encode(variants, chunk, sealed);

    assertThat(coding.refused()).isTrue();
    assertThat(coding.refusal()).contains("NaN");
    assertThat(coding.encoding()).isEqualTo(Encoding.RAW);
    assertThat(coding.payload().mismatch(sealed)).isEqualTo(-1);
  }

  @Test
  void readsWhateverBytesComeWithoutThrowing() {
    Variants variants = variants("host=int8");
    Chunk chunk = chunk(variants, 1);
    Coding coding = encode(variants, chunk, block(8));
    BlockKey key = chunk.key().block(0, coding.encoding());
    MemorySegment target = arena.allocate(BLOCK.bytes());
    SplittableRandom random = new SplittableRandom(8);

    for (int i = 0; i < 200; i++) {
      MemorySegment bytes = arena.allocate(coding.payload().byteSize()).copyFrom(coding.payload());
      long at = random.nextLong(bytes.byteSize());
      bytes.set(ValueLayout.JAVA_BYTE, at, (byte) ~bytes.get(ValueLayout.JAVA_BYTE, at));
      assertThat(variants.decode(key, bytes, target)).as("byte %d", at).isPresent();
      long length = random.nextLong(bytes.byteSize());
      assertThat(variants.decode(key, bytes.asSlice(0, length), target)).isPresent();
    }
    MemorySegment tooLong = arena.allocate(4 * BLOCK.bytes());
    assertThat(variants.decode(key, tooLong, target))
        .hasValueSatisfying(reason -> assertThat(reason).contains("a block takes"));
  }

  @Test
  void readsOfAnExactChunkNothingApproximate() {
    Variants variants = variants("host=int8");
    ChainKey root = ChainKey.root(Tenant.NONE, MODEL);
    Chunk exact = new Chunk(new ChunkKey(Tenant.NONE, MODEL, root), new ChunkSpan(root, 0, 128, 2));
    BlockKey forged = exact.key().block(0, Encodings.parse("int8"));
    MemorySegment payload = arena.allocate(64);
    variants.found(EncodedBlock.seal(forged, exact.span(), payload).header(), Tier.SSD);

    assertThat(variants.planned(exact, Tier.HOST)).isEqualTo(Encoding.RAW);
    assertThat(variants.keys(exact, 0, Tier.SSD)).as("to be removed").contains(forged);
    assertThat(variants.readable(exact, 0, Tier.SSD))
        .containsExactly(exact.key().block(0, Encoding.RAW));
  }

  @Test
  void knowsWhatAnEncodingPromises() {
    Variants variants = variants("host=int8 ssd=gear4");

    assertThat(variants.within(Encodings.parse("int8"), 0.005)).isTrue();
    assertThat(variants.within(Encodings.parse("int8"), 0.003)).isFalse();
    assertThat(variants.within(Encodings.parse("gear4"), 0.9)).as("a mean only").isFalse();
    assertThat(variants.within(Encoding.RAW, 1e-9)).isTrue();
  }

  private static Variants variants(String encodings) {
    return Variants.of(MODEL, GEOMETRY, TierEncodings.parse(encodings), Backend.SCALAR);
  }

  private Coding encode(Variants variants, Chunk chunk, MemorySegment sealed) {
    return variants.encode(chunk, 0, variants.planned(chunk, Tier.HOST), sealed, arena);
  }

  private static Chunk chunk(Variants variants, int place) {
    Fingerprint lineage = variants.lineages().accepting(_ -> true);
    ChainKey root = ChainKey.root(Tenant.NONE, lineage);
    ChunkKey key = new ChunkKey(Tenant.NONE, lineage, root.next(new int[] {place}, 0, 1));
    return new Chunk(key, new ChunkSpan(root, place * 128, 128, 2));
  }

  private MemorySegment block(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment block = arena.allocate(BLOCK.bytes(), 64);
    for (long at = 0; at < BLOCK.bytes() / 4; at++) {
      block.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) random.nextGaussian());
    }
    return block;
  }
}
