package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a caller may do with an {@link ExactAttention}, and what it is told when it may not. */
class ExactAttentionUseTest {
  private static final LayerShape SHAPE = RandomLayer.shape(2, 1, 8, 8);

  private final ExactAttention attention = new ExactAttention(AttentionKernel.of(Backend.SCALAR));

  private static RandomLayer layer(LayerShape shape) {
    return new RandomLayer(new SplittableRandom(1), shape, Dtype.F16, 32, 128);
  }

  @Test
  void needsNoBlockOutsideWhatAnyTokenSees() {
    LayerShape windowed = new RandomLayer.Options(0f, 10, false).shape(2, 1, 8, 8);
    layer(windowed).start(attention, 70, 75);
    // Token 70 sees 61 to 70, token 74 sees 65 to 74.
    assertThat(attention.needs(0, 32)).isFalse();
    assertThat(attention.needs(29, 32)).isFalse();
    assertThat(attention.needs(30, 32)).isTrue();
    assertThat(attention.needs(64, 32)).isTrue();
    assertThat(attention.needs(74, 32)).isTrue();
    assertThat(attention.needs(75, 32)).isFalse();
    assertThat(attention.needs(70, 0)).isFalse();
  }

  @Test
  void neverReadsABlockThatItDoesNotNeed() {
    LayerShape windowed = new RandomLayer.Options(0f, 10, false).shape(2, 1, 8, 8);
    RandomLayer layer = layer(windowed);
    float[] expected = layer.attend(attention, 70, 75);
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(layer.geometry.bytes());
    }
    layer.start(attention, 70, 75);
    for (int b = 0; b < 4; b++) {
      MemorySegment block = layer.blocks.get(b);
      if (!attention.needs(32 * b, 32)) {
        block = closed;
      }
      attention.addBlock(block, layer.geometry, 32 * b, 32);
    }
    float[] out = new float[expected.length];
    attention.finish(out, 0);
    assertThat(out).containsExactly(expected);
  }

  @Test
  void refusesToFinishWhileAVisiblePositionIsMissing() {
    RandomLayer layer = layer(SHAPE);
    layer.start(attention, 70, 75);
    attention.addBlock(layer.blocks.get(0), layer.geometry, 0, 32);
    assertThatThrownBy(() -> attention.finish(new float[80], 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("position 32 is visible to the chunk at 70 but was in no block");
    attention.addBlock(layer.blocks.get(2), layer.geometry, 64, 32);
    assertThatThrownBy(() -> attention.finish(new float[80], 0))
        .hasMessage("position 32 is visible to the chunk at 70 but was in no block");
  }

  @Test
  void refusesBlocksThatDoNotAscend() {
    RandomLayer layer = layer(SHAPE);
    layer.start(attention, 70, 75);
    attention.addBlock(layer.blocks.get(0), layer.geometry, 32, 32);
    assertThatThrownBy(() -> attention.addBlock(layer.blocks.get(0), layer.geometry, 63, 32))
        .hasMessageContaining("block at position 63 begins before the end of the last one, 64");
    assertThatThrownBy(() -> attention.addBlock(layer.blocks.get(0), layer.geometry, -1, 32))
        .hasMessageContaining("-1");
  }

  @Test
  void refusesABlockOfAnotherLayerOrSize() {
    RandomLayer layer = layer(SHAPE);
    layer.start(attention, 0, 1);
    MemorySegment block = layer.blocks.get(0);
    assertThatThrownBy(() ->
            attention.addBlock(block, new BlockGeometry(32, 1, 8, 4, Dtype.F16, false), 0, 32))
        .hasMessageContaining("not of this layer");
    assertThatThrownBy(() -> attention.addBlock(block.asSlice(64), layer.geometry, 0, 32))
        .hasMessageContaining("a block needs 1024 bytes but has 960");
    assertThatThrownBy(() -> attention.addBlock(block, layer.geometry, 0, 33))
        .hasMessageContaining("33");
    assertThatThrownBy(() -> attention.addBlock(block, layer.geometry, 0, 0))
        .hasMessageContaining("tokens");
  }

  @Test
  void refusesUseBeforeStartAndQueriesThatAreNotThere() {
    assertThatThrownBy(() -> attention.needs(0, 32)).hasMessageContaining("call start() first");
    assertThatThrownBy(() -> attention.finish(new float[0], 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> attention.start(SHAPE, new float[15], 0, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> attention.start(SHAPE, new float[16], 0, -1, 1))
        .hasMessageContaining("firstPosition");
    assertThatThrownBy(() -> attention.start(SHAPE, new float[16], 0, 0, 0))
        .hasMessageContaining("tokens");
    assertThatThrownBy(() -> attention.start(SHAPE, new float[16], 0, Integer.MAX_VALUE, 1))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void refusesAPartialOrAnArrayOfAnotherSize() {
    RandomLayer layer = layer(SHAPE);
    layer.start(attention, 0, 3);
    layer.addBlocks(attention);
    assertThatThrownBy(() -> attention.finish(new Partial(3, 8)))
        .hasMessage("the chunk makes a partial of 6 x 8, the target has 3 x 8");
    assertThatThrownBy(() -> attention.finish(new float[47], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
