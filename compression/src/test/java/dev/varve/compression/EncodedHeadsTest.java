package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.fuzz.FuzzTarget;
import dev.varve.compression.fuzz.Fuzzing;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A head that is decoded alone holds what it holds in the decoded block. */
class EncodedHeadsTest {
  private static final int TOKENS = 128;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  static Stream<String> encodings() {
    return Stream.of(
        "fp8",
        "int8",
        "int4",
        "int2",
        "kivi4",
        "kivi2",
        "int8-rotated4",
        "int8-rotated3",
        "nsn1",
        "nsn2",
        "int4.channel/int4.vector",
        "int8.channel64.sym/int8.token32.sym");
  }

  private static BlockGeometry geometry(Dtype dtype) {
    return new BlockGeometry(TOKENS, 3, 64, 32, dtype, false);
  }

  private static EncodedHeads heads(String encoding, BlockGeometry geometry) {
    return EncodedHeads.open(Encodings.parse(encoding), geometry, RopeSpec.none(), Backend.SCALAR)
        .orElseThrow();
  }

  private static BlockCodec codec(String encoding, BlockGeometry geometry) {
    return Codecs.open(Encodings.parse(encoding), geometry, RopeSpec.none(), Backend.SCALAR);
  }

  private static MemorySegment encode(BlockCodec codec, MemorySegment block, CodecContext context) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(context.tokens()), 64);
    return target.asSlice(0, ((Encoded) codec.encode(block, context, target)).bytes());
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void readsWhatTheDecodedBlockHolds(String encoding) {
    BlockGeometry geometry = geometry(Dtype.F32);
    BlockCodec codec = codec(encoding, geometry);
    EncodedHeads heads = heads(encoding, geometry);
    for (int tokens : new int[] {TOKENS, 97, 1}) {
      CodecContext context =
          CodecContext.of(tokens).keeping(new ExactTokens(4, 3), new ExactTokens(0, 9));
      MemorySegment payload = encode(codec, SyntheticKv.block(geometry, random), context);
      MemorySegment block = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
      assertThat(codec.decode(payload, block)).isEqualTo(new Decoded(tokens));
      assertThat(heads.show(payload)).isEqualTo(new Decoded(tokens));
      assertThat(heads.tokens()).isEqualTo(tokens);
      for (int round = 0; round < 20; round++) {
        int head = random.nextInt(geometry.kvHeads());
        int from = random.nextInt(tokens);
        int to = random.nextInt(from, tokens) + 1;
        for (Section section : Section.values()) {
          assertThat(read(heads, section, head, from, to))
              .as("seed %d, %s of head %d, %d to %d of %d", seed, section, head, from, to, tokens)
              .containsExactly(expected(geometry, block, section, head, from, to));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void differsFromTheDecodedBlockByItsRoundingOnly(String encoding) {
    for (Dtype dtype : List.of(Dtype.F16, Dtype.BF16)) {
      BlockGeometry geometry = geometry(dtype);
      BlockCodec codec = codec(encoding, geometry);
      EncodedHeads heads = heads(encoding, geometry);
      MemorySegment payload =
          encode(codec, SyntheticKv.block(geometry, random), CodecContext.of(TOKENS));
      MemorySegment block = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
      assertThat(codec.decode(payload, block)).isEqualTo(new Decoded(TOKENS));
      heads.show(payload);
      MemorySegment rounded = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
      for (Section section : Section.values()) {
        for (int head = 0; head < geometry.kvHeads(); head++) {
          float[] rows = read(heads, section, head, 0, TOKENS);
          long offset =
              section == Section.KEYS ? geometry.keyOffset(head, 0) : geometry.valueOffset(head, 0);
          DtypeKernel.of(Backend.SCALAR, dtype).store(rows, 0, rows.length, rounded, offset);
        }
      }
      assertThat(rounded.mismatch(block)).as("seed %d", seed).isEqualTo(-1);
    }
  }

  @Test
  void refusesDamageAndShowsNothingThen() {
    BlockGeometry geometry = geometry(Dtype.F16);
    EncodedHeads heads = heads("int8", geometry);
    MemorySegment payload =
        encode(
            codec("int8", geometry), SyntheticKv.block(geometry, random), CodecContext.of(TOKENS));
    for (long at = 0; at < payload.byteSize(); at += 1 + random.nextInt(97)) {
      if (at >= 48 && at < 60) {
        continue; // reserved bytes, which the header's checksum covers
      }
      heads.show(payload);
      payload.set(
          ValueLayout.JAVA_BYTE, at, (byte) (payload.get(ValueLayout.JAVA_BYTE, at) ^ 0x10));
      assertThat(heads.show(payload)).as("byte %d", at).isInstanceOf(DecodeResult.Refused.class);
      assertThat(heads.tokens()).isZero();
      assertThatThrownBy(() -> read(heads, Section.KEYS, 0, 0, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      payload.set(
          ValueLayout.JAVA_BYTE, at, (byte) (payload.get(ValueLayout.JAVA_BYTE, at) ^ 0x10));
    }
    assertThat(heads.show(payload.asSlice(0, payload.byteSize() - 64)))
        .isInstanceOf(DecodeResult.Refused.class);
  }

  @Test
  void refusesRowsThatAreNotThere() {
    BlockGeometry geometry = geometry(Dtype.F16);
    EncodedHeads heads = heads("int4", geometry);
    heads.show(
        encode(codec("int4", geometry), SyntheticKv.block(geometry, random), CodecContext.of(40)));
    float[] target = new float[40 * 64];
    assertThatThrownBy(() -> heads.read(Section.KEYS, 3, 0, 1, target, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> heads.read(Section.KEYS, 0, 0, 41, target, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> heads.read(Section.KEYS, 0, 0, 40, target, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void knowsWhichEncodingsHaveRowsOfTheirOwn() {
    BlockGeometry geometry = geometry(Dtype.F16);
    for (String encoding : List.of("lossless", "gear4", "bitstream2", "int8.token/lossless")) {
      Encoding parsed = Encodings.parse(encoding);
      assertThat(EncodedHeads.open(parsed, geometry, RopeSpec.none(), Backend.SCALAR))
          .as(encoding)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void answersWhateverTheBytesAre(String encoding) {
    BlockGeometry geometry = new BlockGeometry(32, 2, 32, 32, Dtype.F16, false);
    String small = encoding.replace("64", "32");
    BlockCodec codec = codec(small, geometry);
    EncodedHeads heads = heads(small, geometry);
    Fuzzing.run(
        new FuzzTarget() {
          @Override
          public String name() {
            return "heads";
          }

          @Override
          public List<byte[]> sound() {
            MemorySegment block = SyntheticKv.block(geometry, new SplittableRandom(1));
            return Stream.of(32, 9)
                .map(tokens ->
                    CodecContext.of(tokens).keeping(new ExactTokens(1, 0), new ExactTokens(0, 2)))
                .map(context -> encode(codec, block, context).toArray(ValueLayout.JAVA_BYTE))
                .toList();
          }

          @Override
          public void reseal(byte[] input) {
            if (input.length >= FrameDescriptor.HEADER_LENGTH) {
              Forgery.seal(MemorySegment.ofArray(input));
            }
          }

          @Override
          public long read(byte[] input) {
            heads.show(MemorySegment.ofArray(input).asReadOnly());
            float[] guarded = new float[heads.tokens() * 32 + 2];
            Arrays.fill(guarded, -7f);
            for (int head = 0; heads.tokens() > 0 && head < 2; head++) {
              for (Section section : Section.values()) {
                heads.read(section, head, 0, heads.tokens(), guarded, 1);
                assertThat(guarded[0]).isEqualTo(-7f);
                assertThat(guarded[guarded.length - 1]).isEqualTo(-7f);
              }
            }
            return 1 << 20;
          }
        },
        System.nanoTime(),
        100);
  }

  private static float[] read(EncodedHeads heads, Section section, int head, int from, int to) {
    BlockGeometry geometry = heads.geometry();
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    float[] rows = new float[(to - from) * dim];
    heads.read(section, head, from, to, rows, 0);
    return rows;
  }

  private static float[] expected(
      BlockGeometry geometry, MemorySegment block, Section section, int head, int from, int to) {
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    long offset =
        section == Section.KEYS ? geometry.keyOffset(head, from) : geometry.valueOffset(head, from);
    float[] rows = new float[(to - from) * dim];
    DtypeKernel.of(Backend.SCALAR, geometry.dtype()).load(block, offset, rows, 0, rows.length);
    return rows;
  }
}
