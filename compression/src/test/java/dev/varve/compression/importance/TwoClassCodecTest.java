package dev.varve.compression.importance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.ExactTokens;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.compression.TokenClasses;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TwoClassCodecTest {
  private static final BlockGeometry BLOCK = new BlockGeometry(128, 2, 64, 64, Dtype.F32, false);

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final MemorySegment block = SyntheticKv.block(BLOCK, random);

  private static BlockCodec open(String name) {
    return Codecs.open(Encodings.parse(name), BLOCK, RopeSpec.none(), Backend.SCALAR);
  }

  private MemorySegment encode(BlockCodec codec, CodecContext context) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(context.tokens()));
    Encoded encoded = (Encoded) codec.encode(block, context, target);
    return target.asSlice(0, encoded.bytes());
  }

  private static MemorySegment decode(BlockCodec codec, MemorySegment payload) {
    MemorySegment decoded = Arena.ofAuto().allocate(BLOCK.bytes());
    assertThat(codec.decode(payload, decoded)).isInstanceOf(DecodeResult.Decoded.class);
    return decoded;
  }

  private TokenClasses some(int count) {
    BitSet important = new BitSet();
    while (important.cardinality() < count) {
      important.set(random.nextInt(128));
    }
    return TokenClasses.of(important);
  }

  @Test
  void writesImportantTokensInMoreBits() {
    BlockCodec codec = open("twoclass4-2/twoclass4-2");
    for (int count : new int[] {0, 1, 40, 127, 128}) {
      TokenClasses classes = some(count);
      CodecContext context = CodecContext.of(128).preferring(classes);
      MemorySegment payload = encode(codec, context);
      int channelParameters = (count > 0 ? 1 : 0) + (count < 128 ? 1 : 0);
      long rows = 128L * count / 2 + 128L * (128 - count) / 4;
      long keys = 16 + rows + 128L * 4 * channelParameters;
      long values = 16 + rows + 128L * 2 * 4;
      assertThat(payload.byteSize())
          .as("%d important", count)
          .isEqualTo(64 + (keys + 63) / 64 * 64 + (values + 63) / 64 * 64);
      MemorySegment decoded = decode(codec, payload);
      for (Section section : Section.values()) {
        float[] before = SyntheticKv.floats(BLOCK, section, block);
        float[] after = SyntheticKv.floats(BLOCK, section, decoded);
        double important = 0;
        double others = 0;
        for (int i = 0; i < before.length; i++) {
          double error = ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
          boolean is = classes.important(i / 64 % 128);
          important += is ? error / Math.max(1, count) : 0;
          others += is ? 0 : error / Math.max(1, 128 - count);
        }
        if (count == 40) {
          assertThat(important).as("seed %d", seed).isLessThan(others / 8);
        }
      }
    }
  }

  /** Values of a token depend on no other, so a class is written as if it were alone. */
  @Test
  void writesEachClassAsTheFormatOfItsBitsDoes() {
    TokenClasses classes = some(50);
    BlockCodec codec = open("raw/twoclass8-4");
    CodecContext context = CodecContext.of(128).preferring(classes);
    MemorySegment decoded = decode(codec, encode(codec, context));
    BlockCodec eight = open("raw/int8.token");
    BlockCodec four = open("raw/int4.token");
    MemorySegment more = decode(eight, encode(eight, CodecContext.of(128)));
    MemorySegment less = decode(four, encode(four, CodecContext.of(128)));
    for (int head = 0; head < 2; head++) {
      for (int token = 0; token < 128; token++) {
        long at = BLOCK.valueOffset(head, token);
        MemorySegment expected = classes.important(token) ? more : less;
        assertThat(decoded.asSlice(at, 256).mismatch(expected.asSlice(at, 256))).isEqualTo(-1);
      }
    }
  }

  @Test
  void countsTokensFromTheFrontOfTheBlockWhenTheFirstAreExact() {
    BitSet important = new BitSet();
    important.set(10);
    BlockCodec codec = open("raw/twoclass8-2");
    CodecContext context =
        CodecContext.of(128)
            .at(1280)
            .keeping(ExactTokens.NONE, new ExactTokens(4, 0))
            .preferring(TokenClasses.of(important));
    float[] after =
        SyntheticKv.floats(BLOCK, Section.VALUES, decode(codec, encode(codec, context)));
    float[] before = SyntheticKv.floats(BLOCK, Section.VALUES, block);
    double[] errors = new double[128];
    for (int i = 0; i < before.length; i++) {
      errors[i / 64 % 128] += Math.abs(after[i] - before[i]);
    }
    for (int token = 0; token < 128; token++) {
      if (token < 4) {
        assertThat(errors[token]).isZero();
      } else if (token != 10) {
        assertThat(errors[token]).as("seed %d", seed).isGreaterThan(10 * errors[10]);
      }
    }
  }

  @Test
  void refusesAMapThatDisagreesWithTheLength() {
    TwoClassFormat format = new TwoClassFormat(4, 2);
    SectionShape shape = SectionShape.of(Section.VALUES, BLOCK, RopeSpec.none());
    TwoClassCodec codec = new TwoClassCodec(format, shape, Backend.SCALAR);
    float[] values = SyntheticKv.floats(BLOCK, Section.VALUES, block);
    SectionFloats floats = new SectionFloats(shape, 128, 0, values);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(128));
    CodecContext context = CodecContext.of(128).preferring(some(30));
    Encoded encoded = (Encoded) codec.encode(floats, context, target);
    MemorySegment payload = target.asSlice(0, encoded.bytes());
    payload.set(ValueLayout.JAVA_BYTE, 3, (byte) (payload.get(ValueLayout.JAVA_BYTE, 3) ^ 1));
    assertThat(codec.decode(payload, floats)).isInstanceOf(DecodeResult.Refused.class);
    assertThat(codec.decode(payload.asSlice(0, 9), floats))
        .isInstanceOf(DecodeResult.Refused.class);
  }
}
