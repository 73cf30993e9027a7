package dev.varve.sdk.internal.memory;

import dev.varve.store.kernel.SoftmaxKernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
  private int places;
  private final @Nullable HeadSums sums;
  // The row that took up others last, more exactly than it is stored.
  private int meanRow = -1;
  private float[] meanKey = {};
  private float[] meanValue = {};

  /**
   * @param span rows of a page
   * @param sums of the attention that rows receive; null if nobody asks for them
   */
  HeadRows(int span, @Nullable HeadSums sums) {
    this.span = span;
    this.sums = sums;
  }

  /** Takes over rows that compaction chose; only while it is empty. */
  void adopt(HeadPlan plan) {
    rows = plan.size();
    places = rows;
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

  /** Takes over what {@code source} says of the rows it chose them from. */
  void inherit(HeadPlan plan, RowSource source, int layer, int head) {
    HeadSums own = sums;
    if (own == null || source.sums(layer) != own.group()) {
      return;
    }
    own.reserve(rows);
    for (int row = 0; row < rows; row++) {
      int from = plan.origin(row);
      for (int g = 0; g < own.group(); g++) {
        own.set(row, g, from < 0 ? 0 : source.sum(layer, head, from, g));
      }
    }
  }

  int rows() {
    return rows;
  }

  /** Rows that the last decision left. */
  int places() {
    return places;
  }

  void places(int count) {
    places = count;
  }

  @Nullable HeadSums sums() {
    return sums;
  }

  /** Attention that a row has received; 0 if nobody asked for it. */
  float attention(int row) {
    return sums == null ? 0 : sums.total(row);
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
    if (sums != null) {
      sums.commit(rows, rows + count);
    }
    rows += count;
  }

  /** Forgets what an unfinished step brought. */
  void abort() {
    if (sums != null) {
      sums.abort();
    }
  }

  /** Closes the gap that a row leaves; its page stays. */
  void remove(int row) {
    int behind = rows - row - 1;
    System.arraycopy(positions, row + 1, positions, row, behind);
    if (weighted()) {
      System.arraycopy(firsts, row + 1, firsts, row, behind);
      System.arraycopy(weights, row + 1, weights, row, behind);
      System.arraycopy(bias, row + 1, bias, row, behind);
    }
    if (sums != null) {
      sums.remove(row, rows);
    }
    meanRow = meanRow == row ? -1 : meanRow > row ? meanRow - 1 : meanRow;
    rows--;
  }

  /** Row {@code stays} stands from here on for what {@code goes}, before it, stood for too. */
  void unite(int goes, int stays, float weight) {
    if (!weighted()) {
      int room = positions.length;
      firsts = positions.clone();
      weights = new float[room];
      Arrays.fill(weights, 1f);
      bias = new float[room];
    }
    firsts[stays] = Math.min(firsts[goes], firsts[stays]);
    weights[stays] = weight;
    bias[stays] = (float) StrictMath.log(weight);
    for (int g = 0; sums != null && g < sums.group(); g++) {
      sums.set(stays, g, Math.max(sums.get(goes, g), sums.get(stays, g)));
    }
    meanRow = stays;
  }

  /** Makes room for the average of row {@code row}; whether it must be filled first. */
  boolean startMeans(int row, int keyDim, int valueDim) {
    if (meanKey.length == 0) {
      meanKey = new float[keyDim];
      meanValue = new float[valueDim];
    }
    boolean other = meanRow != row;
    meanRow = row;
    return other;
  }

  /** Takes over the average of another head with the same rows. */
  void copyMeans(HeadRows other) {
    meanRow = other.meanRow;
    meanKey = other.meanKey.clone();
    meanValue = other.meanValue.clone();
  }

  float[] meanKey() {
    return meanKey;
  }

  float[] meanValue() {
    return meanValue;
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
    meanRow = meanRow < rows ? meanRow : -1;
    while (pageCount > Math.ceilDiv(rows, span)) {
      slots.give(pages[--pageCount]);
    }
  }
}
