package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.varve.attention.RandomLayer.Options;
import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.EncodedHeads;
import dev.varve.compression.Encodings;
import dev.varve.compression.ExactTokens;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention over encoded blocks is attention over the blocks that their payloads decode to. */
class EncodedAttentionTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int QUIET_STEPS = 50;
  private static final int BLOCK = 64;
  private static final int TOKENS = 150;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  /** A layer, the payloads of its blocks, and its blocks as these decode. */
  private static final class Coded {
    final RandomLayer layer;
    final EncodedHeads heads;
    final List<MemorySegment> payloads = new ArrayList<>();
    final List<MemorySegment> decoded = new ArrayList<>();

    Coded(RandomLayer layer, String encoding) {
      this.layer = layer;
      BlockCodec codec =
          Codecs.open(Encodings.parse(encoding), layer.geometry, RopeSpec.none(), Backend.SCALAR);
      heads =
          EncodedHeads.open(
                  Encodings.parse(encoding), layer.geometry, RopeSpec.none(), Backend.SCALAR)
              .orElseThrow();
      for (int b = 0; b < layer.blocks.size(); b++) {
        ExactTokens exact = new ExactTokens(b == 0 ? 4 : 0, 2);
        CodecContext context = CodecContext.of(layer.held(b)).keeping(exact, exact);
        MemorySegment target =
            Arena.ofAuto().allocate(codec.maxBytes(layer.held(b)), BlockGeometry.ALIGNMENT);
        Encoded encoded = (Encoded) codec.encode(layer.blocks.get(b), context, target);
        payloads.add(target.asSlice(0, encoded.bytes()));
        MemorySegment block =
            Arena.ofAuto().allocate(layer.geometry.bytes(), BlockGeometry.ALIGNMENT);
        codec.decode(payloads.getLast(), block);
        decoded.add(block);
      }
    }

    float[] overPayloads(ExactAttention attention, int from, int to) {
      layer.start(attention, from, to);
      for (int b = 0; b < payloads.size(); b++) {
        if (attention.needs(layer.first(b), layer.held(b))) {
          heads.show(payloads.get(b));
          attention.addEncoded(heads, layer.first(b));
        }
      }
      return finish(attention, from, to);
    }

    float[] overBlocks(ExactAttention attention, int from, int to) {
      layer.start(attention, from, to);
      for (int b = 0; b < decoded.size(); b++) {
        if (attention.needs(layer.first(b), layer.held(b))) {
          attention.addBlock(decoded.get(b), layer.geometry, layer.first(b), layer.held(b));
        }
      }
      return finish(attention, from, to);
    }

    private float[] finish(ExactAttention attention, int from, int to) {
      float[] out = new float[(to - from) * layer.shape.queryHeads() * layer.shape.valueDim()];
      attention.finish(out, 0);
      return out;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4", "int2", "kivi4", "kivi2", "fp8", "int8-rotated4"})
  void givesTheBitsOfTheDecodedBlocks(String encoding) {
    List<LayerShape> shapes =
        List.of(
            RandomLayer.shape(8, 2, 64, 64),
            RandomLayer.shape(3, 3, 32, 64),
            new Options(3f, 37, false).shape(4, 2, 64, 32));
    for (LayerShape shape : shapes) {
      Coded coded = new Coded(new RandomLayer(random, shape, Dtype.F32, BLOCK, TOKENS), encoding);
      Kernels.all()
          .forEach((name, kernel) -> {
            ExactAttention attention = new ExactAttention(kernel);
            for (int[] chunk : new int[][] {{0, TOKENS}, {TOKENS - 1, TOKENS}, {70, 131}}) {
              assertThat(coded.overPayloads(attention, chunk[0], chunk[1]))
                  .as("seed %d %s %s, %d to %d", seed, name, shape, chunk[0], chunk[1])
                  .containsExactly(coded.overBlocks(attention, chunk[0], chunk[1]));
            }
          });
    }
  }

  @Test
  void mixesWithBlocksThatAreNotEncoded() {
    LayerShape shape = RandomLayer.shape(4, 2, 64, 64);
    Coded coded = new Coded(new RandomLayer(random, shape, Dtype.F32, BLOCK, TOKENS), "int8");
    ExactAttention attention = new ExactAttention(AttentionKernel.of(Backend.SCALAR));
    coded.layer.start(attention, TOKENS - 1, TOKENS);
    coded.heads.show(coded.payloads.get(0));
    attention.addEncoded(coded.heads, 0);
    attention.addBlock(coded.decoded.get(1), coded.layer.geometry, BLOCK, BLOCK);
    coded.heads.show(coded.payloads.get(2));
    attention.addEncoded(coded.heads, 2 * BLOCK);
    float[] out = new float[shape.queryHeads() * shape.valueDim()];
    attention.finish(out, 0);
    assertThat(out)
        .as("seed %d", seed)
        .containsExactly(coded.overBlocks(attention, TOKENS - 1, TOKENS));
  }

  @Test
  void allocatesNothingOnceItsScratchIsThere() {
    LayerShape shape = RandomLayer.shape(8, 2, 64, 64);
    Coded coded = new Coded(new RandomLayer(random, shape, Dtype.F16, BLOCK, BLOCK), "int8");
    ExactAttention attention = new ExactAttention(AttentionKernel.of(Backend.VECTOR));
    coded.heads.show(coded.payloads.getFirst());
    float[] out = new float[shape.queryHeads() * shape.valueDim()];
    int quiet =
        SteadyState.quietSteps(
            QUIET_STEPS,
            () -> {
              long before = THREADS.getCurrentThreadAllocatedBytes();
              coded.layer.start(attention, BLOCK - 1, BLOCK);
              attention.addEncoded(coded.heads, 0);
              attention.finish(out, 0);
              return THREADS.getCurrentThreadAllocatedBytes() - before;
            });
    assertThat(quiet).isEqualTo(QUIET_STEPS);
  }

  @Test
  void refusesWhatIsNotOfTheLayer() {
    Coded coded =
        new Coded(
            new RandomLayer(random, RandomLayer.shape(4, 2, 64, 64), Dtype.F32, BLOCK, BLOCK),
            "int8");
    ExactAttention attention = new ExactAttention(AttentionKernel.of(Backend.SCALAR));
    RandomLayer other =
        new RandomLayer(random, RandomLayer.shape(4, 4, 64, 64), Dtype.F32, BLOCK, BLOCK);
    other.start(attention, 0, BLOCK);
    coded.heads.show(coded.payloads.getFirst());
    assertThatThrownBy(() -> attention.addEncoded(coded.heads, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not of this layer");
    coded.heads.show(coded.payloads.getFirst().asSlice(0, 64));
    coded.layer.start(attention, 0, BLOCK);
    assertThatThrownBy(() -> attention.addEncoded(coded.heads, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokens");
  }
}
