package dev.varve.sdk.internal.memory;

import dev.varve.store.kernel.SoftmaxKernel;
import java.util.Arrays;

/**
 * Which rows one KV head remembers, and on which pages they lie: row {@code r} is row {@code r %
 * span} of page {@code r / span}. Rows behind {@link #rows} were announced by a step that has not
 * ended. For one thread at a time.
 */
final class HeadRows {

  private static final int[] NONE = {};

  private final int span;
  private int rows;
  private int pageCount;
  private int[] pages = NONE;
  private int[] positions = NONE;
  // Empty as long as no row is merged.
  private int[] firsts = NONE;
  private float[] weights = SoftmaxKernel.NO_BIAS;
  private float[] bias = SoftmaxKernel.NO_BIAS;

  /**
   * @param span rows of a page
   */
  HeadRows(int span) {
    this.span = span;
  }

  /** Takes over rows that compaction chose; only while it is empty. */
  void adopt(HeadPlan plan) {
    rows = plan.size();
    positions = plan.positions().clone();
    if (plan.weighted()) {
      firsts = plan.firsts().clone();
      weights = plan.weights().clone();
      bias = new float[rows];
      for (int r = 0; r < rows; r++) {
        bias[r] = (float) StrictMath.log(weights[r]);
      }
    }
  }

  int rows() {
    return rows;
  }

  int position(int row) {
    return positions[row];
  }

  int[] positions() {
    return positions;
  }

  /** Position of the first token that a row stands for. */
  int first(int row) {
    return firsts.length == 0 ? positions[row] : firsts[row];
  }

  float weight(int row) {
    return weights.length == 0 ? 1 : weights[row];
  }

  boolean weighted() {
    return weights.length > 0;
  }

  float[] bias() {
    return bias;
  }

  int pageCount() {
    return pageCount;
  }

  int page(int index) {
    return pages[index];
  }

  /** Pages to {@link #addPage} before {@code count} more rows fit. */
  int pagesFor(int count) {
    return Math.max(0, Math.ceilDiv(rows + count, span) - pageCount);
  }

  void addPage(int page) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, Math.max(4, 2 * pages.length));
    }
    pages[pageCount++] = page;
    int room = pageCount * span;
    if (positions.length < room) {
      positions = Arrays.copyOf(positions, room);
    }
    if (weighted() && weights.length < room) {
      firsts = Arrays.copyOf(firsts, room);
      weights = Arrays.copyOf(weights, room);
      bias = Arrays.copyOf(bias, room);
    }
  }

  /** Announces {@code count} rows from {@code position} on; the pages are there. */
  void announce(int position, int count) {
    for (int i = 0; i < count; i++) {
      positions[rows + i] = position + i;
      if (weighted()) {
        firsts[rows + i] = position + i;
        weights[rows + i] = 1;
        bias[rows + i] = 0;
      }
    }
  }

  /** Makes announced rows rows. */
  void commit(int count) {
    rows += count;
  }

  /** Rows that stay if every token from {@code length} on is forgotten. */
  int rowsBelow(int length) {
    int below = rows;
    while (below > 0 && positions[below - 1] >= length) {
      below--;
    }
    return below;
  }

  /** A row that stands for tokens on both sides of {@code length}; -1 for none. */
  int rowAcross(int length) {
    for (int r = rowsBelow(length); weighted() && r < rows; r++) {
      if (firsts[r] < length) {
        return r;
      }
    }
    return -1;
  }

  /** Forgets all rows from {@code count} on, and gives back the pages that nothing lies on. */
  void shrink(int count, PagedSlots slots) {
    rows = count;
    while (pageCount > Math.ceilDiv(rows, span)) {
      slots.give(pages[--pageCount]);
    }
  }
}
