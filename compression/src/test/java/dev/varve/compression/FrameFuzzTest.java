package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.fuzz.FuzzTarget;
import dev.varve.compression.fuzz.Fuzzing;
import dev.varve.compression.fuzz.Guarded;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameFuzzTest {
  static Stream<SectionFormat> formats() {
    return SectionFormats.all().stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void answersWhateverTheBytesAre(SectionFormat format) {
    Fuzzing.run(new Target(format), System.nanoTime(), 100);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("formats")
  void answersWhateverTheBytesAreForMinutes(SectionFormat format) {
    Fuzzing.run(new Target(format), System.nanoTime(), 10_000);
  }

  /** Every input for every format: most are of another. */
  @Test
  void answersWhatWasOnceTooMuch() {
    for (SectionFormat format : SectionFormats.all()) {
      assertThat(Fuzzing.replay(new Target(format))).isPositive();
    }
  }

  /** Decodes both sections of a frame. */
  private static final class Target implements FuzzTarget {
    private final BlockGeometry geometry;
    private final BlockCodec codec;

    Target(SectionFormat format) {
      this.geometry = smallest(format);
      this.codec = open(format, geometry);
    }

    private static BlockCodec open(SectionFormat format, BlockGeometry geometry) {
      Encoding encoding = Encoding.of(format.number(), format.number());
      return TestCodecs.open(encoding, geometry, RopeSpec.none(), Backend.SCALAR);
    }

    private static BlockGeometry smallest(SectionFormat format) {
      return IntStream.of(32, 64, 128)
          .mapToObj(size -> new BlockGeometry(size, 2, size, size, Dtype.F16, false))
          .filter(geometry -> opens(format, geometry))
          .findFirst()
          .orElseThrow();
    }

    private static boolean opens(SectionFormat format, BlockGeometry geometry) {
      try {
        open(format, geometry);
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    @Override
    public String name() {
      return "frame";
    }

    @Override
    public List<byte[]> sound() {
      List<byte[]> inputs = new ArrayList<>();
      MemorySegment block = SyntheticKv.block(geometry, new SplittableRandom(1));
      for (int tokens : new int[] {geometry.tokens(), 9}) {
        MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
        CodecContext context =
            CodecContext.of(tokens).keeping(new ExactTokens(1, 0), new ExactTokens(0, 2));
        Encoded encoded = (Encoded) codec.encode(block, context, target);
        inputs.add(target.asSlice(0, encoded.bytes()).toArray(ValueLayout.JAVA_BYTE));
      }
      return inputs;
    }

    @Override
    public void reseal(byte[] input) {
      if (input.length >= FrameDescriptor.HEADER_LENGTH) {
        Forgery.seal(MemorySegment.ofArray(input));
      }
    }

    @Override
    public long read(byte[] input) {
      MemorySegment payload = MemorySegment.ofArray(input).asReadOnly();
      Guarded block = new Guarded(geometry.bytes());
      codec.decode(Section.KEYS, payload, block.bytes());
      Guarded.untouched(block.bytes().asSlice(geometry.valuesOffset(), geometry.valueBytes()));
      Guarded values = new Guarded(geometry.bytes());
      codec.decode(Section.VALUES, payload, values.bytes());
      Guarded.untouched(values.bytes().asSlice(0, geometry.keyBytes()));
      block.check();
      values.check();
      return (4L << 20) + 64 * geometry.bytes();
    }
  }
}
