package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.ExactTokens;
import dev.varve.compression.Section;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ResidualWindowTest {
  private static final BlockGeometry BLOCK = new BlockGeometry(128, 2, 64, 64, Dtype.F16, false);
  private static final ResidualWindow WINDOW = new ResidualWindow(32);

  private final long seed = System.nanoTime();
  private final MemorySegment block = SyntheticKv.block(BLOCK, new SplittableRandom(seed));

  /** Keys and values after {@code tokens} tokens. */
  private MemorySegment decodedAfter(int tokens) {
    BlockCodec codec =
        Codecs.open(Encodings.parse("kivi2"), BLOCK, RopeSpec.none(), Backend.SCALAR);
    MemorySegment payload = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    CodecContext context =
        CodecContext.of(tokens)
            .keeping(
                new ExactTokens(0, WINDOW.exactKeys(tokens)),
                new ExactTokens(0, WINDOW.exactValues(tokens)));
    Encoded encoded = (Encoded) codec.encode(block, context, payload);
    MemorySegment decoded = Arena.ofAuto().allocate(BLOCK.bytes());
    assertThat(codec.decode(payload.asSlice(0, encoded.bytes()), decoded))
        .isInstanceOf(dev.varve.compression.DecodeResult.Decoded.class);
    return decoded;
  }

  @Test
  void keepsBetweenNoneAndAllButOneKeyAndUpToAllValues() {
    for (int total = 0; total < 1000; total++) {
      assertThat(WINDOW.exactKeys(total)).isBetween(0, 31);
      assertThat((total - WINDOW.exactKeys(total)) % 32).isZero();
      assertThat(WINDOW.exactValues(total)).isEqualTo(Math.min(total, 32));
    }
  }

  /** Token by token or at once: what is written of a token never changes once it is written. */
  @Test
  void writesTokensAlikeHoweverTheyArrive() {
    float[] keys = SyntheticKv.floats(BLOCK, Section.KEYS, decodedAfter(128));
    float[] exact = SyntheticKv.floats(BLOCK, Section.KEYS, block);
    for (int tokens = 1; tokens <= 128; tokens++) {
      float[] now = SyntheticKv.floats(BLOCK, Section.KEYS, decodedAfter(tokens));
      int written = tokens - WINDOW.exactKeys(tokens);
      assertThat(Arrays.copyOf(now, written * 64))
          .as("seed %d keys after %d tokens", seed, tokens)
          .containsExactly(Arrays.copyOf(keys, written * 64));
      assertThat(Arrays.copyOfRange(now, written * 64, tokens * 64))
          .containsExactly(Arrays.copyOfRange(exact, written * 64, tokens * 64));
    }
  }

  @Test
  void keepsTheNewestValuesExactlyAndWritesTheOthersOnce() {
    BlockCodec codec =
        Codecs.open(Encodings.parse("kivi2"), BLOCK, RopeSpec.none(), Backend.SCALAR);
    MemorySegment payload = Arena.ofAuto().allocate(codec.maxBytes(128));
    Encoded encoded = (Encoded) codec.encode(block, CodecContext.of(128), payload);
    MemorySegment decoded = Arena.ofAuto().allocate(BLOCK.bytes());
    codec.decode(payload.asSlice(0, encoded.bytes()), decoded);
    float[] written = SyntheticKv.floats(BLOCK, Section.VALUES, decoded);
    float[] exact = SyntheticKv.floats(BLOCK, Section.VALUES, block);
    for (int tokens = 1; tokens <= 128; tokens++) {
      float[] now = SyntheticKv.floats(BLOCK, Section.VALUES, decodedAfter(tokens));
      int old = tokens - WINDOW.exactValues(tokens);
      assertThat(Arrays.copyOf(now, old * 64))
          .as("seed %d values after %d tokens", seed, tokens)
          .containsExactly(Arrays.copyOf(written, old * 64));
      assertThat(Arrays.copyOfRange(now, old * 64, tokens * 64))
          .containsExactly(Arrays.copyOfRange(exact, old * 64, tokens * 64));
    }
  }
}
