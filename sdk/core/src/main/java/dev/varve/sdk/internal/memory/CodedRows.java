package dev.varve.sdk.internal.memory;

import dev.varve.attention.RaggedAttention;
import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.hot.HotPool;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Rows of one layer that are kept in few bits: the same tokens in every head. A page holds as many
 * tokens as a block, encoded as one, and a hot slot several pages. Pages never change, and nothing
 * is encoded twice: they are copied as they are, or dropped. For one thread at a time.
 */
final class CodedRows {

  private static final int ALIGNMENT = 64;

  private final Encoding encoding;
  private final RopeSpec rope;
  private final Backend backend;
  private final BlockGeometry geometry;
  private final BlockCodec codec;
  private final MemorySegment scratch;
  private final long pageBytes;
  private final PagedSlots slots;
  private final List<Page> pages = new ArrayList<>();
  private int expected;

  @SuppressWarnings("ArrayRecordComponent") // private; the array is never given away
  private record Page(int place, long bytes, int[] positions, int count, EncodedHeads rows) {}

  /**
   * @throws IllegalArgumentException if the encoding cannot write such a layer
   */
  CodedRows(
      HotPool pool,
      BlockGeometry geometry,
      RopeSpec rope,
      Encoding encoding,
      Backend backend,
      MemoryCounters counters) {
    this.encoding = encoding;
    this.rope = rope;
    this.backend = backend;
    this.geometry = geometry;
    this.codec = Codecs.open(encoding, geometry, rope, backend);
    this.scratch = Arena.ofAuto().allocate(codec.maxBytes(geometry.tokens()), ALIGNMENT);
    this.pageBytes = Math.ceilDiv(fullPage(), (long) ALIGNMENT) * ALIGNMENT;
    if (pageBytes > pool.slotBytes()) {
      throw new IllegalArgumentException(
          "%d tokens take %d bytes in this encoding, more than the %d of a hot slot"
              .formatted(geometry.tokens(), pageBytes, pool.slotBytes()));
    }
    int perSlot = Math.toIntExact(pool.slotBytes() / pageBytes);
    this.slots = new PagedSlots(pool, geometry, perSlot, counters);
  }

  /** Bytes of a page without room for more; these encodings take the same for every content. */
  private long fullPage() {
    MemorySegment zeros = Arena.ofAuto().allocate(geometry.bytes(), BlockGeometry.ALIGNMENT);
    return encode(zeros, geometry.tokens());
  }

  private long encode(MemorySegment block, int count) {
    return switch (codec.encode(block, CodecContext.of(count), scratch)) {
      case EncodeResult.Encoded(long bytes) -> bytes;
      case EncodeResult.Refused(_, String reason) ->
          throw new IllegalArgumentException("rows cannot be kept in few bits: " + reason);
    };
  }

  Encoding encoding() {
    return encoding;
  }

  PagedSlots slots() {
    return slots;
  }

  /** Expects {@code more} pages; returns how many slots more they need. */
  int expect(int more) {
    int before = missing();
    expected += more;
    return missing() - before;
  }

  /** Slots to add before what is expected can be written. */
  int missing() {
    return slots.slotsFor(expected);
  }

  int pages() {
    return pages.size();
  }

  /**
   * Encodes the first {@code count} tokens of a block.
   *
   * @param positions of these tokens, ascending
   * @throws IllegalArgumentException if they cannot be encoded
   */
  void add(MemorySegment block, int[] positions, int count) {
    long bytes = encode(block, count);
    if (bytes > pageBytes) {
      throw new IllegalStateException(
          "a page of %d tokens takes %d bytes, more than the %d of a full one"
              .formatted(count, bytes, pageBytes));
    }
    int place = slots.take();
    memory(place, bytes).copyFrom(scratch.asSlice(0, bytes));
    show(place, bytes, positions, count);
  }

  /** Takes copies of the pages of {@code other}, which has the same encoding. */
  void addAll(CodedRows other) {
    for (Page page : other.pages) {
      int place = slots.take();
      memory(place, page.bytes).copyFrom(other.memory(page.place, page.bytes));
      show(place, page.bytes, page.positions, page.count);
    }
  }

  private void show(int place, long bytes, int[] positions, int count) {
    EncodedHeads rows = EncodedHeads.open(encoding, geometry, rope, backend).orElseThrow();
    if (rows.show(memory(place, bytes)) instanceof DecodeResult.Refused refused) {
      throw new IllegalStateException("a page that was just written is refused: " + refused);
    }
    pages.add(new Page(place, bytes, positions, count, rows));
  }

  private MemorySegment memory(int place, long bytes) {
    return slots.block(place).asSlice(slots.stripe(place) * pageBytes, bytes);
  }

  /** Shows every row to attention, beside those of the heads. */
  void attend(RaggedAttention attention) {
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      attention.addEncodedAside(page.rows, page.positions, page.count);
    }
  }

  /** Forgets the tokens from {@code length} on. */
  void truncate(int length) {
    for (int i = pages.size() - 1; i >= 0; i--) {
      Page page = pages.get(i);
      int left = Arrays.binarySearch(page.positions, 0, page.count, length);
      left = left < 0 ? -1 - left : left;
      if (left == 0) {
        slots.give(page.place);
        pages.remove(i);
      } else if (left < page.count) {
        pages.set(i, new Page(page.place, page.bytes, page.positions, left, page.rows));
      }
    }
  }

  /** Takes the positions of all rows out of {@code set}. */
  void clear(BitSet set) {
    for (Page page : pages) {
      for (int i = 0; i < page.count; i++) {
        set.clear(page.positions[i]);
      }
    }
  }

  /** Rows, over all heads. */
  long rows() {
    long rows = 0;
    for (Page page : pages) {
      rows += (long) page.count * geometry.kvHeads();
    }
    return rows;
  }

  /** Bytes of the encoded pages. */
  long bytes() {
    long bytes = 0;
    for (Page page : pages) {
      bytes += page.bytes;
    }
    return bytes;
  }
}
