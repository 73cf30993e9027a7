package dev.varve.sdk.internal.far;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.Partial;
import dev.varve.attention.RaggedAttention;
import dev.varve.attention.RowPage;
import dev.varve.compression.EncodedHeads;
import dev.varve.compression.Section;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.SoftmaxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attends every query of a request to the chosen rows of a block, which are put side by side: bytes
 * of raw rows, floats of encoded ones. For one thread at a time.
 */
final class ChosenSink implements PartialSink {

  private final RaggedAttention attention;
  private final RowPage page = new RowPage();
  private List<BitSet> chosen = List.of();
  private @Nullable Scratch scratch;
  private int kvHeads;
  private int queries;
  private int first;

  /** Memory for the rows of one head of blocks of one geometry. */
  private static final class Scratch {
    private final BlockGeometry block;
    private final BlockGeometry packed;
    private final BlockGeometry floats;
    private final MemorySegment memory;
    private final float[] row;
    private final int[] positions;

    Scratch(BlockGeometry block) {
      this.block = block;
      this.packed = head(block, block.dtype(), block.valueIsPrefixOfKey());
      this.floats = head(block, Dtype.F32, false);
      this.memory =
          Arena.ofAuto()
              .allocate(Math.max(packed.bytes(), floats.bytes()), BlockGeometry.ALIGNMENT);
      this.row = new float[Math.max(block.keyDim(), block.valueDim())];
      this.positions = new int[block.tokens()];
    }

    private static BlockGeometry head(BlockGeometry block, Dtype dtype, boolean prefix) {
      return new BlockGeometry(block.tokens(), 1, block.keyDim(), block.valueDim(), dtype, prefix);
    }

    int collect(BitSet set, int first) {
      int count = 0;
      int end = first + block.tokens();
      for (int at = set.nextSetBit(first); at >= 0 && at < end; at = set.nextSetBit(at + 1)) {
        positions[count++] = at;
      }
      return count;
    }

    void pack(MemorySegment from, int head, int token, int to) {
      long keys = block.keyOffset(head, token);
      MemorySegment.copy(from, keys, memory, packed.keyOffset(0, to), block.keyRowBytes());
      if (!block.valueIsPrefixOfKey()) {
        long values = block.valueOffset(head, token);
        MemorySegment.copy(from, values, memory, packed.valueOffset(0, to), block.valueRowBytes());
      }
    }

    void decode(EncodedHeads from, int head, int token, int to) {
      decode(from, Section.KEYS, head, token, floats.keyOffset(0, to), block.keyDim());
      decode(from, Section.VALUES, head, token, floats.valueOffset(0, to), block.valueDim());
    }

    private void decode(
        EncodedHeads from, Section section, int head, int token, long offset, int dim) {
      from.read(section, head, token, token + 1, row, 0);
      MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_FLOAT, offset, dim);
    }
  }

  ChosenSink(AttentionKernel kernel) {
    this.attention = new RaggedAttention(kernel);
  }

  @Override
  public void start(
      LayerShape seesAll, BlockGeometry block, PartialRequest request, float[] asked, int last) {
    if (scratch == null || !scratch.block.equals(block)) {
      scratch = new Scratch(block);
    }
    chosen = request.chosen();
    kvHeads = seesAll.kvHeads();
    queries = request.tokens() * seesAll.queryHeads();
    attention.start(seesAll, asked, 0, last, request.tokens());
  }

  @Override
  public boolean wants(int firstToken) {
    int end = firstToken + scratch().block.tokens();
    for (BitSet set : chosen) {
      int next = set.nextSetBit(firstToken);
      if (next >= 0 && next < end) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void next(int firstToken) {
    first = firstToken;
  }

  @Override
  public int queries() {
    return queries;
  }

  @Override
  public boolean chosenRows() {
    return true;
  }

  @Override
  public void raw(MemorySegment block) {
    Scratch to = scratch();
    for (int head = 0; head < kvHeads; head++) {
      int count = to.collect(set(head), first);
      for (int row = 0; row < count; row++) {
        to.pack(block, head, to.positions[row] - first, row);
      }
      attend(head, count, to.packed);
    }
  }

  @Override
  public void encoded(EncodedHeads heads) {
    Scratch to = scratch();
    for (int head = 0; head < kvHeads; head++) {
      int count = to.collect(set(head), first);
      for (int row = 0; row < count; row++) {
        to.decode(heads, head, to.positions[row] - first, row);
      }
      attend(head, count, to.floats);
    }
  }

  private void attend(int head, int count, BlockGeometry packed) {
    Scratch rows = scratch();
    if (count > 0) {
      page.memory(rows.memory, packed, 0).rows(count, rows.positions, SoftmaxKernel.NO_BIAS, 0);
      attention.addPage(head, page);
    }
  }

  private BitSet set(int head) {
    return chosen.get(chosen.size() == 1 ? 0 : head);
  }

  private Scratch scratch() {
    if (scratch == null) {
      throw new IllegalStateException("no request was started");
    }
    return scratch;
  }

  @Override
  public void finish(Partial target) {
    attention.finish(target);
  }
}
