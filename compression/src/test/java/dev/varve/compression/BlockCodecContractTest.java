package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every format has to keep, in a block of keys and values. */
class BlockCodecContractTest {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final int TOKENS = 128;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  static Stream<SectionFormat> formats() {
    return SectionFormats.all().stream();
  }

  /** Two heads of the narrowest rows that the format can write. */
  private static BlockGeometry geometry(SectionFormat format, Dtype dtype) {
    return Stream.of(32, 64, 128)
        .map(dim -> new BlockGeometry(TOKENS, 2, dim, 2 * dim, dtype, false))
        .filter(geometry -> opens(format, geometry))
        .findFirst()
        .orElseThrow();
  }

  private static BlockCodec open(SectionFormat format, BlockGeometry geometry) {
    Encoding encoding = Encoding.of(format.number(), format.number());
    return TestCodecs.open(encoding, geometry, RopeSpec.none(), Backend.SCALAR);
  }

  private static MemorySegment encode(BlockCodec codec, MemorySegment block, CodecContext context) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(context.tokens()));
    target.fill((byte) 0x5a);
    EncodeResult result = codec.encode(block, context, target);
    assertThat(result).isInstanceOf(Encoded.class);
    return target.asSlice(0, ((Encoded) result).bytes());
  }

  private static MemorySegment emptyBlock(BlockGeometry geometry) {
    return Arena.ofAuto().allocate(geometry.bytes());
  }

  @ParameterizedTest
  @MethodSource("formats")
  void takesTheBitsThatItsFormulaSays(SectionFormat format) {
    if (format.number() == RawFormat.NUMBER) {
      assertThat(open(format, geometry(format, Dtype.F16)).maxBytes(TOKENS))
          .isEqualTo(geometry(format, Dtype.F16).bytes());
      return;
    }
    for (Dtype dtype : Dtype.values()) {
      BlockGeometry geometry = geometry(format, dtype);
      BlockCodec codec = open(format, geometry);
      double bits = 0;
      for (Section section : Section.values()) {
        SectionShape shape = SectionShape.of(section, geometry, RopeSpec.none());
        double sectionBits = format.bitsPerValue(shape) * shape.values(TOKENS);
        bits += 8 * FrameDescriptor.padded((long) Math.ceil(sectionBits / 8 - 1e-6));
      }
      MemorySegment payload =
          encode(codec, SyntheticKv.block(geometry, random), CodecContext.of(TOKENS));
      long expected = FrameDescriptor.HEADER_LENGTH + (long) bits / 8;
      if (format.sizeDependsOnContent()) {
        assertThat(payload.byteSize())
            .as("%s %s seed %d", format.name(), dtype, seed)
            .isLessThanOrEqualTo(expected);
      } else {
        assertThat(payload.byteSize())
            .as("%s %s seed %d", format.name(), dtype, seed)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void staysWithinItsErrorBound(SectionFormat format) {
    for (Dtype dtype : Dtype.values()) {
      BlockGeometry geometry = geometry(format, dtype);
      BlockCodec codec = open(format, geometry);
      MemorySegment block = SyntheticKv.block(geometry, random);
      MemorySegment decoded = emptyBlock(geometry);
      MemorySegment payload = encode(codec, block, CodecContext.of(TOKENS));
      assertThat(codec.decode(payload, decoded)).isEqualTo(new Decoded(TOKENS));
      for (Section section : Section.values()) {
        float[] before = SyntheticKv.floats(geometry, section, block);
        float[] after = SyntheticKv.floats(geometry, section, decoded);
        SectionShape shape = SectionShape.of(section, geometry, RopeSpec.none());
        Bounds.check(codec.bound(section), shape, before, after, format.name() + " seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void decodesOneSectionWithoutTheOther(SectionFormat format) {
    BlockGeometry geometry = geometry(format, Dtype.F16);
    BlockCodec codec = open(format, geometry);
    MemorySegment payload =
        encode(codec, SyntheticKv.block(geometry, random), CodecContext.of(TOKENS));
    MemorySegment both = emptyBlock(geometry);
    codec.decode(payload, both);
    MemorySegment single = emptyBlock(geometry);
    assertThat(codec.decode(Section.VALUES, payload, single)).isEqualTo(new Decoded(TOKENS));
    assertThat(single.asSlice(0, geometry.keyBytes()).mismatch(emptyBlock(geometry)))
        .as("the keys are untouched")
        .isEqualTo(geometry.keyBytes());
    assertThat(codec.decode(Section.KEYS, payload, single)).isEqualTo(new Decoded(TOKENS));
    assertThat(single.mismatch(both)).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesTheSameBytesAgainAndDecodesThemAlikeInANewCodec(SectionFormat format) {
    BlockGeometry geometry = geometry(format, Dtype.BF16);
    MemorySegment first = SyntheticKv.block(geometry, random);
    MemorySegment second = SyntheticKv.block(geometry, random);
    BlockCodec used = open(format, geometry);
    MemorySegment payload = encode(used, first, CodecContext.of(TOKENS));
    encode(used, second, CodecContext.of(TOKENS));
    MemorySegment again = encode(used, first, CodecContext.of(TOKENS));
    assertThat(again.mismatch(payload)).isEqualTo(-1);
    MemorySegment here = emptyBlock(geometry);
    MemorySegment there = emptyBlock(geometry);
    used.decode(payload, here);
    open(format, geometry).decode(payload, there);
    assertThat(there.mismatch(here)).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesTheSameBytesOnBothBackends(SectionFormat format) {
    for (Dtype dtype : Dtype.values()) {
      BlockGeometry geometry = geometry(format, dtype);
      Encoding encoding = Encoding.of(format.number(), format.number());
      BlockCodec vector = TestCodecs.open(encoding, geometry, RopeSpec.none(), Backend.VECTOR);
      MemorySegment block = SyntheticKv.block(geometry, random);
      MemorySegment expected = encode(open(format, geometry), block, CodecContext.of(TOKENS));
      MemorySegment payload = encode(vector, block, CodecContext.of(TOKENS));
      assertThat(payload.mismatch(expected)).as("%s seed %d", dtype, seed).isEqualTo(-1);
      MemorySegment judge = emptyBlock(geometry);
      MemorySegment decoded = emptyBlock(geometry);
      open(format, geometry).decode(payload, judge);
      vector.decode(payload, decoded);
      assertThat(decoded.mismatch(judge)).as("%s seed %d", dtype, seed).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void keepsSinksAndTheNewestTokensExactlyWhateverTheyHold(SectionFormat format) {
    if (format.number() == RawFormat.NUMBER) {
      return; // the block as it is
    }
    BlockGeometry geometry = geometry(format, Dtype.F16);
    BlockCodec codec = open(format, geometry);
    MemorySegment nothing = emptyBlock(geometry);
    for (int tokens : new int[] {1, 5, 33, 100, TOKENS}) {
      MemorySegment block = SyntheticKv.block(geometry, random);
      ExactTokens keys = new ExactTokens(4, 3);
      ExactTokens values = new ExactTokens(1, 32);
      block.set(ValueLayout.JAVA_SHORT, geometry.keyOffset(1, 0), (short) 0x7e01);
      block.set(ValueLayout.JAVA_SHORT, geometry.valueOffset(0, tokens - 1) + 2, (short) 0xfc00);
      MemorySegment payload =
          encode(codec, block, CodecContext.of(tokens).at(70_000).keeping(keys, values));
      MemorySegment decoded = emptyBlock(geometry);
      assertThat(codec.decode(payload, decoded)).isEqualTo(new Decoded(tokens));
      for (int token = 0; token < TOKENS; token++) {
        boolean held = token < tokens;
        boolean exactKey = held && (token < 4 || token >= tokens - 3);
        boolean exactValue = held && (token < 1 || token >= tokens - 32);
        for (int head = 0; head < 2; head++) {
          long key = geometry.keyOffset(head, token);
          long value = geometry.valueOffset(head, token);
          MemorySegment from = exactKey ? block : nothing;
          if (exactKey || !held) {
            assertThat(differs(decoded, from, key, geometry.keyRowBytes()))
                .as("seed %d key %d of %d", seed, token, tokens)
                .isEqualTo(-1);
          }
          from = exactValue ? block : nothing;
          if (exactValue || !held) {
            assertThat(differs(decoded, from, value, geometry.valueRowBytes()))
                .as("seed %d value %d of %d", seed, token, tokens)
                .isEqualTo(-1);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void neverNeedsMoreThanItAskedForHoweverManyTokensAreExact(SectionFormat format) {
    BlockGeometry geometry = geometry(format, Dtype.F16);
    BlockCodec codec = open(format, geometry);
    MemorySegment block = SyntheticKv.block(geometry, random);
    for (int newest : new int[] {0, 1, 31, 64, 96, 126, 127, 128}) {
      ExactTokens exact = new ExactTokens(0, newest);
      CodecContext context = CodecContext.of(TOKENS).keeping(exact, exact);
      MemorySegment payload = encode(codec, block, context);
      assertThat(codec.decode(payload, emptyBlock(geometry))).isEqualTo(new Decoded(TOKENS));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void refusesNumbersThatAreNone(SectionFormat format) {
    if (format.number() < Encoding.FIRST_APPROXIMATE_FORMAT) {
      return; // every bit comes back
    }
    BlockGeometry geometry = geometry(format, Dtype.BF16);
    BlockCodec codec = open(format, geometry);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    for (short bits : new short[] {0x7fc0, (short) 0xffff, 0x7f80, (short) 0xff80}) {
      MemorySegment block = SyntheticKv.block(geometry, random);
      block.set(ValueLayout.JAVA_SHORT, geometry.valueOffset(1, 77) + 10, bits);
      EncodeResult result = codec.encode(block, CodecContext.of(TOKENS), target);
      assertThat(result).isInstanceOf(EncodeResult.Refused.class);
      EncodeResult.Refused refused = (EncodeResult.Refused) result;
      assertThat(refused.cause()).isEqualTo(EncodeResult.Cause.NOT_FINITE);
      assertThat(refused.reason()).contains("head 1, token 77, element 5");
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void survivesTheLargestAndTheSmallestNumbers(SectionFormat format) {
    float[] scales = {0f, Float.MIN_VALUE, 0x1p-20f, 1e-4f, 65504f, 3.4e38f};
    for (Dtype dtype : Dtype.values()) {
      for (float scale : scales) {
        BlockGeometry geometry = geometry(format, dtype);
        BlockCodec codec = open(format, geometry);
        MemorySegment block = Extremes.block(geometry, scale, random);
        MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
        if (codec.encode(block, CodecContext.of(TOKENS), target) instanceof Encoded(long bytes)) {
          MemorySegment decoded = emptyBlock(geometry);
          assertThat(codec.decode(target.asSlice(0, bytes), decoded))
              .isEqualTo(new Decoded(TOKENS));
          for (Section section : Section.values()) {
            float[] before = SyntheticKv.floats(geometry, section, block);
            float[] after = SyntheticKv.floats(geometry, section, decoded);
            SectionShape shape = SectionShape.of(section, geometry, RopeSpec.none());
            String what = "%s %s %s seed %d".formatted(format.name(), dtype, scale, seed);
            Bounds.check(codec.bound(section), shape, before, after, what);
          }
        } else {
          assertThat(scale).as(format.name()).isGreaterThan(30_000f);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void refusesEveryFlippedAndEveryMissingByte(SectionFormat format) {
    BlockGeometry geometry = smallest(format);
    BlockCodec codec = open(format, geometry);
    MemorySegment block = SyntheticKv.block(geometry, random);
    CodecContext context =
        CodecContext.of(geometry.tokens()).keeping(new ExactTokens(1, 0), ExactTokens.NONE);
    MemorySegment payload = encode(codec, block, context);
    MemorySegment decoded = emptyBlock(geometry);
    for (long length = 0; length < payload.byteSize(); length++) {
      assertThat(codec.decode(payload.asSlice(0, length), decoded))
          .as("%d of %d bytes", length, payload.byteSize())
          .isInstanceOf(DecodeResult.Refused.class);
    }
    if (format.number() == RawFormat.NUMBER) {
      return; // a raw block has no checksum of its own
    }
    for (long at = 0; at < payload.byteSize(); at++) {
      byte old = payload.get(BYTE, at);
      payload.set(BYTE, at, (byte) (old ^ 1 << random.nextInt(8)));
      assertThat(codec.decode(payload, decoded))
          .as("byte %d, seed %d", at, seed)
          .isInstanceOf(DecodeResult.Refused.class);
      payload.set(BYTE, at, old);
    }
    assertThat(codec.decode(payload, decoded)).isInstanceOf(Decoded.class);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void staysInsideItsBoundsWhenForgedBytesCarryARightChecksum(SectionFormat format) {
    if (format.number() == RawFormat.NUMBER) {
      return; // any bytes are a raw block
    }
    BlockGeometry geometry = new BlockGeometry(128, 1, 128, 128, Dtype.F16, false);
    BlockCodec codec = open(format, geometry);
    MemorySegment block = SyntheticKv.block(geometry, random);
    MemorySegment payload = encode(codec, block, CodecContext.of(128));
    for (int round = 0; round < 60; round++) {
      MemorySegment forged = Forgery.of(payload, random);
      assertThat(codec.decode(forged, emptyBlock(geometry)))
          .as("round %d seed %d", round, seed)
          .isNotNull();
    }
  }

  private static BlockGeometry smallest(SectionFormat format) {
    return Stream.of(32, 64, 128)
        .flatMap(tokens -> Stream.of(32, 64, 128).map(dim -> new int[] {tokens, dim}))
        .sorted(Comparator.comparingInt(size -> size[0] * size[1]))
        .map(size -> new BlockGeometry(size[0], 1, size[1], size[1], Dtype.F16, false))
        .filter(geometry -> opens(format, geometry))
        .findFirst()
        .orElseThrow();
  }

  private static long differs(MemorySegment one, MemorySegment other, long at, long bytes) {
    return one.asSlice(at, bytes).mismatch(other.asSlice(at, bytes));
  }

  private static boolean opens(SectionFormat format, BlockGeometry geometry) {
    try {
      open(format, geometry);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void refusesAGroupThatDoesNotDivideTheBlockWhenOpened() {
    BlockGeometry geometry = new BlockGeometry(96, 2, 48, 48, Dtype.F16, false);
    for (String name :
        List.of("int4.channel64/raw", "raw/int8.token32", "int2.token128/int2.token128")) {
      assertThatThrownBy(
              () -> Codecs.open(Encodings.parse(name), geometry, RopeSpec.none(), Backend.SCALAR))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not divide");
    }
  }

  @Test
  void readsKeysAloneWhereValuesAreTheirPrefix() {
    BlockGeometry geometry = new BlockGeometry(64, 1, 96, 64, Dtype.BF16, true);
    BlockCodec codec =
        Codecs.open(Encodings.parse("int8"), geometry, RopeSpec.none(), Backend.SCALAR);
    MemorySegment block = SyntheticKv.block(geometry, random);
    MemorySegment decoded = emptyBlock(geometry);
    MemorySegment payload = encode(codec, block, CodecContext.of(64));
    assertThat(payload.byteSize()).isEqualTo(64 + 64 * (96 + 4));
    assertThat(codec.decode(payload, decoded)).isEqualTo(new Decoded(64));
    assertThatThrownBy(() -> codec.decode(Section.VALUES, payload, decoded))
        .hasMessageContaining("no value section");
  }

  @Test
  void refusesTargetsAndBlocksThatAreTooSmall() {
    BlockGeometry geometry = new BlockGeometry(64, 2, 64, 64, Dtype.F16, false);
    BlockCodec codec =
        Codecs.open(Encodings.parse("int8"), geometry, RopeSpec.none(), Backend.SCALAR);
    MemorySegment block = SyntheticKv.block(geometry, random);
    MemorySegment small = Arena.ofAuto().allocate(codec.maxBytes(64) - 1);
    assertThatThrownBy(() -> codec.encode(block, CodecContext.of(64), small))
        .hasMessageContaining(String.valueOf(codec.maxBytes(64)));
    assertThatThrownBy(() -> codec.encode(block, CodecContext.of(65), block))
        .hasMessageContaining("65");
    assertThatThrownBy(() -> codec.decode(small, block.asSlice(1)))
        .hasMessageContaining(String.valueOf(geometry.bytes()));
  }
}
