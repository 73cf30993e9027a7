package dev.varve.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.varve.attention.RandomLayer.Options;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedPrefixAttentionTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static List<LayerShape> shapes() {
    return List.of(
        RandomLayer.shape(4, 4, 16, 16),
        RandomLayer.shape(8, 2, 24, 13),
        RandomLayer.shape(3, 1, 1, 3),
        new Options(0f, 20, false).shape(4, 2, 16, 16),
        new Options(0f, 70, false).shape(2, 1, 8, 8),
        new Options(3f, 37, true).shape(4, 2, 19, 7));
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesEveryMemberTheBitsThatItGetsAlone(Dtype dtype) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (LayerShape shape : shapes()) {
      for (int count : List.of(1, 2, 5, 9)) {
        Branches branches = new Branches(random, shape, dtype, count);
        Kernels.all()
            .forEach((name, kernel) -> {
              float[] expected = branches.alone(kernel);
              SharedPrefixAttention attention = new SharedPrefixAttention(kernel);
              float[] out = branches.out();
              for (int round = 0; round < 2; round++) {
                branches.start(attention);
                branches.addShared(attention);
                branches.addTails(attention);
                branches.finish(attention, out);
                assertThat(out)
                    .as("seed %d %s %s members %s", seed, name, shape, branches.members)
                    .containsExactly(expected);
              }
            });
      }
    }
  }

  /** Every other block is attended by somebody else, whose partial comes behind the others. */
  @Test
  void blocksThatAreAttendedElsewhereMergeToTheWhole() {
    long seed = System.nanoTime();
    LayerShape shape = RandomLayer.shape(8, 2, 24, 16);
    RandomLayer layer =
        new RandomLayer(new SplittableRandom(seed), shape, Dtype.F16, Branches.SPAN, 160);
    SharedPrefixAttention here = new SharedPrefixAttention(AttentionKernel.of(Backend.SCALAR));
    SharedPrefixAttention there = new SharedPrefixAttention(AttentionKernel.of(Backend.SCALAR));
    SharedPrefixAttention whole = new SharedPrefixAttention(AttentionKernel.of(Backend.SCALAR));
    for (SharedPrefixAttention each : List.of(here, there, whole)) {
      each.start(shape, 1, 3);
      each.add(layer.queries, 0, 157, 3);
    }
    for (int i = 0; i < 5; i++) {
      int first = i * Branches.SPAN;
      whole.addBlock(layer.blocks.get(i), layer.geometry, first, Branches.SPAN, 0, 1);
      if (i % 2 == 0) {
        there.addBlock(layer.blocks.get(i), layer.geometry, first, Branches.SPAN, 0, 1);
        here.addElsewhere(first, Branches.SPAN, 0, 1);
      } else {
        here.addBlock(layer.blocks.get(i), layer.geometry, first, Branches.SPAN, 0, 1);
      }
    }
    Partial partial = new Partial(3 * shape.queryHeads(), shape.valueDim());
    there.finish(0, partial);
    // First the first token, then the two behind it.
    int row = shape.queryHeads() * shape.valueDim();
    int heads = shape.queryHeads();
    here.merge(0, 0, 1, partial.o(), partial.lse());
    here.merge(
        0,
        1,
        2,
        Arrays.copyOfRange(partial.o(), row, 3 * row),
        Arrays.copyOfRange(partial.lse(), heads, 3 * heads));
    float[] found = new float[3 * row];
    float[] expected = new float[3 * row];
    here.finish(0, found, 0);
    whole.finish(0, expected, 0);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("seed %d, %d", seed, i).isCloseTo(expected[i], within(1e-5f));
    }
    assertThatThrownBy(() -> here.merge(0, 2, 2, partial.o(), partial.lse()))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> here.addElsewhere(0, Branches.SPAN, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ascend");
  }

  @Test
  void readsACommonPrefixOnceHoweverManyReadIt() {
    long seed = System.nanoTime();
    Branches branches =
        new Branches(new SplittableRandom(seed), RandomLayer.shape(4, 2, 16, 16), Dtype.F16, 8);
    SharedPrefixAttention attention = new SharedPrefixAttention(AttentionKernel.of(Backend.SCALAR));
    branches.start(attention);
    long distinct =
        branches.members.stream().flatMap(member -> member.path().stream()).distinct().count();
    assertThat(branches.addShared(attention)).as("seed %d", seed).isEqualTo((int) distinct);
  }

  /** The parts may be computed apart, by somebody else even, and merge. */
  @Test
  void theSharedPartAndTheOwnPartMergeToTheWhole() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    LayerShape shape = RandomLayer.shape(8, 2, 24, 16);
    Branches branches = new Branches(random, shape, Dtype.F16, 6);
    AttentionKernel kernel = AttentionKernel.of(Backend.VECTOR);
    float[] expected = branches.alone(kernel);
    SharedPrefixAttention shared = new SharedPrefixAttention(AttentionKernel.of(Backend.VECTOR));
    SharedPrefixAttention own = new SharedPrefixAttention(AttentionKernel.of(Backend.VECTOR));
    branches.start(shared);
    branches.addShared(shared);
    branches.start(own);
    branches.addTails(own);
    int at = 0;
    for (int m = 0; m < branches.members.size(); m++) {
      int queries = branches.members.get(m).chunk() * shape.queryHeads();
      Partial sum = new Partial(queries, shape.valueDim());
      Partial tail = new Partial(queries, shape.valueDim());
      shared.finish(m, sum);
      own.finish(m, tail);
      sum.merge(tail);
      for (int i = 0; i < queries * shape.valueDim(); i++) {
        assertThat(sum.o()[i])
            .as("seed %d member %d element %d", seed, m, i)
            .isCloseTo(expected[at + i], within(1e-5f));
      }
      at += queries * shape.valueDim();
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void allocatesNoHeapByteOnceWarm(Backend backend) {
    LayerShape shape = RandomLayer.shape(8, 2, 32, 32);
    Branches branches = new Branches(new SplittableRandom(4), shape, Dtype.F16, 5);
    SharedPrefixAttention attention = new SharedPrefixAttention(AttentionKernel.of(backend));
    float[] out = branches.out();
    float[] queries = branches.queries();
    int width = shape.queryHeads() * shape.keyDim();
    int quiet =
        SteadyState.quietSteps(
            100,
            () -> {
              long before = THREADS.getCurrentThreadAllocatedBytes();
              attention.start(shape, 3, 3);
              for (int m = 0; m < 3; m++) {
                attention.add(queries, m * width, 2 * Branches.SPAN - 1 - m, 1);
              }
              for (int b = 0; b < 2; b++) {
                attention.addBlock(
                    branches.layer.blocks.get(b),
                    branches.layer.geometry,
                    b * Branches.SPAN,
                    Branches.SPAN,
                    0,
                    3);
              }
              for (int m = 0; m < 3; m++) {
                attention.finish(m, out, 0);
              }
              return THREADS.getCurrentThreadAllocatedBytes() - before;
            });
    assertThat(quiet).as("%s", backend).isEqualTo(100);
  }

  @Test
  void refusesMembersThatAreNotThereAndBlocksBeforeAllOfThemAre() {
    LayerShape shape = RandomLayer.shape(2, 1, 8, 8);
    RandomLayer layer = new RandomLayer(new SplittableRandom(1), shape, Dtype.F16, 32, 64);
    SharedPrefixAttention attention = new SharedPrefixAttention(AttentionKernel.of(Backend.SCALAR));
    assertThatThrownBy(() -> attention.start(shape, 3, 2)).hasMessageContaining("members");
    attention.start(shape, 2, 2);
    attention.add(layer.queries, 0, 40, 1);
    assertThatThrownBy(() -> attention.addBlock(layer.blocks.get(0), layer.geometry, 0, 32, 0, 1))
        .hasMessage("1 of 2 members were added: add the others before blocks");
    assertThatThrownBy(() -> attention.add(layer.queries, 0, 40, 2)).hasMessageContaining("tokens");
    attention.add(layer.queries, 0, 50, 1);
    assertThatThrownBy(() -> attention.add(layer.queries, 0, 50, 1))
        .hasMessage("all 2 members were added");
    assertThatThrownBy(() -> attention.addBlock(layer.blocks.get(0), layer.geometry, 0, 32, 0, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    attention.addBlock(layer.blocks.get(0), layer.geometry, 0, 32, 0, 2);
    attention.addBlock(layer.blocks.get(1), layer.geometry, 32, 32, 1, 2);
    assertThatThrownBy(() -> attention.finish(0, new float[16], 0))
        .hasMessage("position 32 is visible to the chunk at 40 but was in no block");
    float[] out = new float[16];
    attention.finish(1, out, 0);
    assertThat(out[0]).isNotZero();
  }
}
