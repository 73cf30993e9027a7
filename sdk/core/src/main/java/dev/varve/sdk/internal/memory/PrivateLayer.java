package dev.varve.sdk.internal.memory;

import dev.varve.attention.RaggedAttention;
import dev.varve.attention.RowPage;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.sdk.internal.RowTranslator;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.hot.HotPool;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One layer of a session that forgot: each KV head has rows of its own number, on pages of its own.
 * A page has the length of a block's stripe, so less than one page a head is unused. New tokens
 * follow the kept rows on the same pages. For one thread at a time.
 */
final class PrivateLayer {

  private final BlockGeometry geometry;
  private final PagedSlots slots;
  private final HeadRows[] heads;
  private final int from;
  private final int span;
  private final HeadSums[] sums;
  private final Function<Encoding, CodedRows> codes;
  private final List<CodedRows> coded = new ArrayList<>();

  /**
   * @param from positions below may have no row though nobody chose so
   * @param codes makes place for rows in few bits
   * @param group query heads whose attention is summed up for each row; 0 for none
   */
  PrivateLayer(
      HotPool pool,
      BlockGeometry geometry,
      MemoryCounters counters,
      Function<Encoding, CodedRows> codes,
      int from,
      int group) {
    this.codes = codes;
    this.geometry = geometry;
    this.slots = new PagedSlots(pool, geometry, counters);
    this.heads = new HeadRows[geometry.kvHeads()];
    this.from = from;
    this.span = geometry.tokens();
    this.sums = new HeadSums[group == 0 ? 0 : heads.length];
    for (int head = 0; head < sums.length; head++) {
      sums[head] = new HeadSums(group);
    }
    for (int head = 0; head < heads.length; head++) {
      heads[head] = new HeadRows(span, group == 0 ? null : sums[head]);
    }
  }

  BlockGeometry geometry() {
    return geometry;
  }

  PagedSlots slots() {
    return slots;
  }

  HeadRows head(int head) {
    return heads[head];
  }

  /** Rows that all heads hold in few bits, beside their own. */
  List<CodedRows> coded() {
    return coded;
  }

  /** Those of one encoding. */
  CodedRows coded(Encoding encoding) {
    for (CodedRows each : coded) {
      if (each.encoding().equals(encoding)) {
        return each;
      }
    }
    CodedRows made = codes.apply(encoding);
    coded.add(made);
    return made;
  }

  int from() {
    return from;
  }

  /** The block that holds a row. */
  MemorySegment block(int head, int row) {
    return slots.block(heads[head].page(row / span));
  }

  /** Which stripe of it. */
  int stripe(int head, int row) {
    return slots.stripe(heads[head].page(row / span));
  }

  /** Describes the rows of {@code plans}; the slots are there, the rows still to be written. */
  void adopt(HeadPlan[] plans) {
    for (int head = 0; head < heads.length; head++) {
      heads[head].adopt(plans[head]);
      addPages(heads[head], 0);
    }
  }

  /** Takes over the attention that rows of {@code source} have received. */
  void inherit(HeadPlan[] plans, RowSource source, int layer) {
    for (int head = 0; head < heads.length; head++) {
      heads[head].inherit(plans[head], source, layer, head);
    }
  }

  /** Writes a merged row. */
  void store(int head, int row, MergedRow merged, DtypeKernel kernel) {
    MemorySegment block = block(head, row);
    int stripe = stripe(head, row);
    long key = geometry.keyOffset(stripe, row % span);
    kernel.store(merged.key(), 0, geometry.keyDim(), block, key);
    if (!geometry.valueIsPrefixOfKey()) {
      long value = geometry.valueOffset(stripe, row % span);
      kernel.store(merged.value(), 0, geometry.valueDim(), block, value);
    }
  }

  /** Slots to add before {@code count} more tokens fit. */
  int slotsFor(int count) {
    int pages = 0;
    for (HeadRows head : heads) {
      pages += head.pagesFor(count);
    }
    return slots.slotsFor(pages);
  }

  /** Announces {@code count} tokens from {@code position} on; the slots are there. */
  void announce(int position, int count) {
    for (HeadRows head : heads) {
      addPages(head, count);
      head.announce(position, count);
    }
  }

  private void addPages(HeadRows head, int count) {
    for (int missing = head.pagesFor(count); missing > 0; missing--) {
      head.addPage(slots.take());
    }
  }

  /** Writes the rows of announced tokens. */
  void write(EngineTensor keys, EngineTensor values, RowTranslator translator) {
    for (int head = 0; head < heads.length; head++) {
      for (int token = 0; token < keys.tokens(); token++) {
        int row = heads[head].rows() + token;
        MemorySegment block = block(head, row);
        int stripe = stripe(head, row);
        long key = geometry.keyOffset(stripe, row % span);
        translator.write(keys, token, head, geometry.dtype(), block, key);
        if (!geometry.valueIsPrefixOfKey()) {
          long value = geometry.valueOffset(stripe, row % span);
          translator.write(values, token, head, geometry.dtype(), block, value);
        }
      }
    }
  }

  /** Shows every row, {@code announced} ones included, to attention. */
  void attend(RaggedAttention attention, RowPage page, int announced) {
    for (int head = 0; head < heads.length; head++) {
      HeadRows rows = heads[head];
      int count = rows.rows() + announced;
      for (int first = 0; first < count; first += span) {
        page.memory(block(head, first), geometry, stripe(head, first))
            .rows(Math.min(span, count - first), rows.positions(), rows.bias(), first);
        attention.addPage(head, page);
      }
    }
    for (int i = 0; i < coded.size(); i++) {
      coded.get(i).attend(attention);
    }
  }

  void commit(int count) {
    for (HeadRows head : heads) {
      head.commit(count);
    }
  }

  /** Gives back what was announced and not committed. */
  void abort() {
    for (HeadRows head : heads) {
      head.abort();
      head.shrink(head.rows(), slots);
    }
  }

  /** Drops a row: those behind it move up, and the last page stays, for another row is to come. */
  void remove(int head, int row) {
    int last = heads[head].rows() - 1;
    for (int to = row; to < last; ) {
      int end = Math.min(last, to - to % span + span - 1);
      move(head, to + 1, to, end - to);
      if (end < last) {
        move(head, end + 1, end, 1);
      }
      to = end + 1;
    }
    heads[head].remove(row);
  }

  private void move(int head, int from, int to, int count) {
    if (count == 0) {
      return;
    }
    copy(head, from, to, count, true);
    if (!geometry.valueIsPrefixOfKey()) {
      copy(head, from, to, count, false);
    }
  }

  private void copy(int head, int from, int to, int count, boolean keys) {
    int source = stripe(head, from);
    int target = stripe(head, to);
    long row = keys ? geometry.keyRowBytes() : geometry.valueRowBytes();
    MemorySegment.copy(
        block(head, from),
        keys ? geometry.keyOffset(source, from % span) : geometry.valueOffset(source, from % span),
        block(head, to),
        keys ? geometry.keyOffset(target, to % span) : geometry.valueOffset(target, to % span),
        count * row);
  }

  /** The sums of all heads; empty if nobody asks for them. */
  HeadSums[] sums() {
    return sums;
  }

  /** Forgets the tokens from {@code length} on. */
  void truncate(int length) {
    for (HeadRows head : heads) {
      head.shrink(head.rowsBelow(length), slots);
    }
    coded.forEach(each -> each.truncate(length));
  }

  /** Shows every row, {@code announced} ones included. */
  void visit(int announced, RowSource.Visitor visitor) {
    for (int head = 0; head < heads.length; head++) {
      int count = heads[head].rows() + announced;
      for (int first = 0; first < count; first += span) {
        int rows = Math.min(span, count - first);
        visitor.rows(head, block(head, first), stripe(head, first), 0, first, rows);
      }
    }
  }

  /** Gives every slot back. */
  void clear() {
    slots.clear();
    coded.forEach(each -> each.slots().clear());
  }

  /** Slots held. */
  int held() {
    int held = slots.held();
    for (CodedRows each : coded) {
      held += each.slots().held();
    }
    return held;
  }

  /** Most rows of a head. */
  int mostRows() {
    int most = 0;
    for (HeadRows head : heads) {
      most = Math.max(most, head.rows());
    }
    return most;
  }

  long rows() {
    long rows = 0;
    for (HeadRows head : heads) {
      rows += head.rows();
    }
    return rows;
  }
}
