package dev.varve.attention.index;

import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.StoredRows;
import java.util.Arrays;

/**
 * One summary row for each page and KV head. The last page may be open: its row covers the tokens
 * it has so far.
 */
final class Pages {
  private final int heads;
  private final int dim;
  private final PageCut cut;
  private final PageSummary summary;
  private final Backend backend;
  private final SummaryRows rows;
  private final float[][] open;
  private final float[] kept;
  private final float[] key;
  private final StoredRows view = new StoredRows();
  private int[] starts = new int[64];
  private int tokens;
  private boolean lastIsOpen;

  Pages(int heads, int dim, PageCut cut, PageSummary summary, Backend backend) {
    this.heads = heads;
    this.dim = dim;
    this.cut = cut;
    this.summary = summary;
    this.backend = backend;
    this.rows = new SummaryRows(heads, summary.columns(), summary.dtype());
    this.open = new float[heads][summary.columns()];
    this.kept = new float[summary.columns()];
    this.key = new float[dim];
  }

  int tokens() {
    return tokens;
  }

  int count() {
    return rows.rows();
  }

  SummaryRows rows() {
    return rows;
  }

  PageSummary summary() {
    return summary;
  }

  /** Position of a page's first token. */
  int start(int page) {
    return starts[page];
  }

  /** Position after a page's last token. */
  int end(int page) {
    return page + 1 < count() ? starts[page + 1] : tokens;
  }

  /** The page that holds a position. */
  int pageOf(int position) {
    int found = Arrays.binarySearch(starts, 0, count(), position);
    return found >= 0 ? found : -found - 2;
  }

  /** Whether the last token appended ended its page. */
  boolean endsWithAPage() {
    return !lastIsOpen;
  }

  void append(KeySpan keys, int[] tokenIds) {
    keys.require(heads, dim);
    if (cut.needsTokenIds() && tokenIds.length != keys.tokens()) {
      throw new IllegalArgumentException(
          "sentences end at token ids: %d tokens came with %d ids"
              .formatted(keys.tokens(), tokenIds.length));
    }
    DtypeKernel kernel = DtypeKernel.of(backend, keys.dtype());
    for (int t = 0; t < keys.tokens(); t++) {
      if (!lastIsOpen) {
        begin();
      }
      int page = count() - 1;
      int before = tokens - starts[page];
      int id = tokenIds.length == 0 ? -1 : tokenIds[t];
      boolean ends = cut.endsAfter(id, before + 1);
      for (int head = 0; head < heads; head++) {
        keys.point(view, head, t, 1);
        kernel.load(view.bytes(), view.offset(0), key, 0, dim);
        summary.add(open[head], before, key);
        if (ends || t == keys.tokens() - 1) {
          summary.round(open[head], before + 1, kept);
          rows.set(head, page, kept, 0);
        }
      }
      tokens++;
      lastIsOpen = !ends;
    }
  }

  /**
   * Forgets the tokens from {@code left} on. A page that was cut loses all of its tokens, for its
   * row cannot be taken back; returns the tokens that are left.
   */
  int truncate(int left) {
    if (left >= tokens) {
      return tokens;
    }
    int whole = left == 0 ? 0 : pageOf(left);
    tokens = left == 0 ? 0 : starts[whole];
    rows.resize(whole);
    lastIsOpen = false;
    return tokens;
  }

  private void begin() {
    int page = count();
    if (page == starts.length) {
      starts = Arrays.copyOf(starts, 2 * page);
    }
    starts[page] = tokens;
    rows.resize(Checks.positive(page + 1, "pages"));
    lastIsOpen = true;
  }

  /** Writes the starts of the pages, their rows, and the open page as it is in full precision. */
  void write(IndexOutput out) {
    out.integer(tokens);
    out.integer(count());
    out.integer(lastIsOpen ? 1 : 0);
    out.integers(starts, count());
    for (int head = 0; head < heads; head++) {
      out.reals(open[head], open[head].length);
      out.bytes(rows.head(head));
    }
  }

  /** Reads what {@link #write} wrote. */
  void restore(IndexInput in) {
    int allTokens = in.integer(0, Integer.MAX_VALUE, "tokens");
    int pages = in.integer(0, allTokens, "pages");
    boolean isOpen = in.integer(0, 1, "the state of the last page") == 1;
    int[] begins = in.integers(pages, 0, allTokens, "the start of a page");
    for (int page = 0; page < pages; page++) {
      int least = page == 0 ? 0 : begins[page - 1] + 1;
      if (begins[page] < least || begins[page] >= allTokens || (page == 0 && begins[0] != 0)) {
        throw new DamagedIndexException(
            "the index is damaged: page %d begins at %d of %d tokens"
                .formatted(page, begins[page], allTokens));
      }
    }
    if ((pages == 0) != (allTokens == 0) || (pages == 0 && isOpen)) {
      throw new DamagedIndexException(
          "the index is damaged: %d pages of %d tokens".formatted(pages, allTokens));
    }
    in.need(heads * (4L * summary.columns() + pages * rows.rowBytes()), "the rows");
    rows.resize(pages);
    for (int head = 0; head < heads; head++) {
      System.arraycopy(in.reals(summary.columns(), "the open page"), 0, open[head], 0, kept.length);
      in.bytes(rows.head(head), "the rows");
    }
    starts = Arrays.copyOf(begins, Math.max(64, pages));
    tokens = allTokens;
    lastIsOpen = isOpen;
  }
}
