package dev.varve.sdk.internal.reading;

import dev.varve.attention.RaggedAttention;
import dev.varve.attention.RowPage;
import dev.varve.attention.select.RowSets;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.SoftmaxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Shows the chosen rows of one block after the other to attention: in place where they stand at the
 * front of a head's stripe, as all rows of a block do, else copied side by side. One partial for
 * each block and query, as exact attention makes them. For one thread at a time.
 */
final class ChosenRows {

  private final BlockGeometry geometry;
  private final BlockGeometry packed;
  private final MemorySegment scratch;
  private final RowPage page = new RowPage();
  private final int[] positions;

  /** Rows of blocks of that geometry. */
  ChosenRows(BlockGeometry geometry) {
    this.geometry = geometry;
    this.packed =
        new BlockGeometry(
            geometry.tokens(),
            1,
            geometry.keyDim(),
            geometry.valueDim(),
            geometry.dtype(),
            geometry.valueIsPrefixOfKey());
    this.scratch = Arena.ofAuto().allocate(packed.bytes(), BlockGeometry.ALIGNMENT);
    this.positions = new int[geometry.tokens()];
  }

  BlockGeometry geometry() {
    return geometry;
  }

  /** Whether any head reads one of the {@code count} tokens from {@code first} on. */
  static boolean any(RowSets chosen, int first, int count) {
    for (int head = 0; head < chosen.groups(); head++) {
      int next = chosen.set(head).nextSetBit(first);
      if (next >= 0 && next < first + count) {
        return true;
      }
    }
    return false;
  }

  /**
   * Attends to those of the {@code count} tokens from position {@code first} on that are chosen;
   * returns how many rows these are, over all heads.
   */
  int attend(RaggedAttention attention, RowSets sets, MemorySegment block, int first, int count) {
    return attend(attention, sets, block, first, count, false);
  }

  /** The same beside other rows of the heads, at any positions. */
  int attendAside(
      RaggedAttention attention, RowSets sets, MemorySegment block, int first, int count) {
    return attend(attention, sets, block, first, count, true);
  }

  private int attend(
      RaggedAttention attention,
      RowSets sets,
      MemorySegment block,
      int first,
      int count,
      boolean aside) {
    int rows = 0;
    for (int head = 0; head < geometry.kvHeads(); head++) {
      int chosen = collect(sets.set(head), first, count);
      if (chosen > 0) {
        if (positions[chosen - 1] == first + chosen - 1) {
          page.memory(block, geometry, head);
        } else {
          pack(block, head, first, chosen);
          page.memory(scratch, packed, 0);
        }
        page.rows(chosen, positions, SoftmaxKernel.NO_BIAS, 0);
        if (aside) {
          attention.addAside(head, page);
        } else {
          attention.addPage(head, page);
        }
        rows += chosen;
      }
    }
    return rows;
  }

  private int collect(BitSet set, int first, int count) {
    int chosen = 0;
    for (int at = set.nextSetBit(first); at >= 0 && at < first + count; ) {
      positions[chosen++] = at;
      at = set.nextSetBit(at + 1);
    }
    return chosen;
  }

  private void pack(MemorySegment block, int head, int first, int chosen) {
    for (int row = 0; row < chosen; ) {
      int run = 1;
      while (row + run < chosen && positions[row + run] == positions[row] + run) {
        run++;
      }
      int token = positions[row] - first;
      MemorySegment.copy(
          block,
          geometry.keyOffset(head, token),
          scratch,
          packed.keyOffset(0, row),
          run * geometry.keyRowBytes());
      if (!geometry.valueIsPrefixOfKey()) {
        MemorySegment.copy(
            block,
            geometry.valueOffset(head, token),
            scratch,
            packed.valueOffset(0, row),
            run * geometry.valueRowBytes());
      }
      row += run;
    }
  }
}
