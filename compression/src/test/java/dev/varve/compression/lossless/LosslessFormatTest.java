package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LosslessFormatTest {
  private static final int TOKENS = 64;
  private static final int FRAME = 64;
  private static final int PADDING = 63;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static BlockGeometry geometry(Dtype dtype) {
    return new BlockGeometry(TOKENS, 3, 40, 24, dtype, false);
  }

  private static BlockCodec open(Dtype dtype, Backend backend) {
    Encoding encoding = Encodings.parse("lossless");
    return Codecs.open(encoding, geometry(dtype), RopeSpec.none(), backend);
  }

  private static MemorySegment encode(BlockCodec codec, MemorySegment block, int tokens) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    Encoded encoded = (Encoded) codec.encode(block, CodecContext.of(tokens), target);
    return target.asSlice(0, encoded.bytes());
  }

  /** Every pattern of bits: NaNs with payloads, infinities, zeros of both signs, denormals. */
  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesBackAnyBits(Dtype dtype) {
    MemorySegment block = Arena.ofAuto().allocate(geometry(dtype).bytes());
    for (long i = 0; i < block.byteSize(); i++) {
      block.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
    givesBack(dtype, block);
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesBackNaNsAndInfinitiesAmongOrdinaryNumbers(Dtype dtype) {
    BlockGeometry geometry = geometry(dtype);
    MemorySegment block = SyntheticKv.block(geometry, random);
    int[] strange = {0x7fc0, 0x7f81, 0xffff, 0x7c01, 0x7c00, 0xfc00, 0x7f80, 0xff80, 0x8000, 1};
    for (int i = 0; i < 200; i++) {
      long at = random.nextLong(geometry.bytes() / 4) * 4;
      block.set(ValueLayout.JAVA_SHORT, at + (dtype == Dtype.F32 ? 2 : 0), (short) strange[i % 10]);
    }
    givesBack(dtype, block);
  }

  private void givesBack(Dtype dtype, MemorySegment block) {
    BlockGeometry geometry = geometry(dtype);
    for (int tokens : new int[] {1, 2, 31, TOKENS}) {
      MemorySegment payload = encode(open(dtype, Backend.VECTOR), block, tokens);
      long raw = 3L * tokens * (40 + 24) * dtype.bytes();
      long most = raw + FRAME + 2 * (LosslessCodec.FRONT_BYTES + PADDING);
      assertThat(payload.byteSize()).as("seed %d", seed).isLessThanOrEqualTo(most);
      MemorySegment decoded = Arena.ofAuto().allocate(geometry.bytes());
      assertThat(open(dtype, Backend.SCALAR).decode(payload, decoded))
          .isEqualTo(new DecodeResult.Decoded(tokens));
      for (int head = 0; head < 3; head++) {
        long keys = tokens * geometry.keyRowBytes();
        long values = tokens * geometry.valueRowBytes();
        assertThat(same(block, decoded, geometry.keyOffset(head, 0), keys))
            .as("keys, %d tokens, seed %d", tokens, seed)
            .isTrue();
        assertThat(same(block, decoded, geometry.valueOffset(head, 0), values))
            .as("values, %d tokens, seed %d", tokens, seed)
            .isTrue();
      }
    }
  }

  private static boolean same(MemorySegment one, MemorySegment other, long at, long bytes) {
    return one.asSlice(at, bytes).mismatch(other.asSlice(at, bytes)) < 0;
  }

  @Test
  void isSmallerOnNumbersThatOccur() {
    BlockGeometry geometry = new BlockGeometry(128, 4, 64, 64, Dtype.BF16, false);
    BlockCodec codec =
        Codecs.open(Encodings.parse("lossless"), geometry, RopeSpec.none(), Backend.VECTOR);
    MemorySegment payload = encode(codec, SyntheticKv.block(geometry, random), 128);
    assertThat(payload.byteSize()).isLessThan(geometry.bytes() * 3 / 4);
  }
}
