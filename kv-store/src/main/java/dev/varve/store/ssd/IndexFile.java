package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An LMDB file, read page by page without LMDB, which maps what it reads and trusts it: a damaged
 * tree may end the process there, here it is a {@link DamagedIndexException}. Format: data version
 * 1 of LMDB 0.9, 64 bit, byte order of this machine. For one thread.
 *
 * <pre>
 *  page  0: number i64 | 8: pad u16 | 10: flags u16 | 12: lower u16 | 14: upper u16 | 16: u16 places of nodes
 *  node  0: u32 length of the value, or low bits of a page | 4: flags, or high bits | 6: length of the key | 8: key, value
 *  root  16: magic | 20: version | 40: free pages | 88: main tree | 136: last page | 144: transaction
 *  tree  0: page size (free pages only) | 4: flags u16 | 6: depth u16 | 8: pages by kind | 32: entries | 40: root page
 * </pre>
 */
final class IndexFile implements AutoCloseable {

  private static final int MAGIC = 0xBEEFC0DE;
  private static final int VERSION = 1;
  private static final int SMALLEST_PAGE = 512;
  private static final int LARGEST_PAGE = 1 << 15;
  private static final int MOST_LEVELS = 32;

  private static final int BRANCH = 0x01;
  private static final int LEAF = 0x02;
  private static final int META = 0x08;
  private static final int TREE_VALUE = 0x02;

  private static final int PAGE_HEADER = 16;
  private static final int NODE_HEADER = 8;
  private static final int TREE_LENGTH = 48;
  private static final int FREE_TREE = 40;
  private static final int MAIN_TREE = 88;
  private static final int LAST_PAGE = 136;
  private static final int TRANSACTION = 144;
  private static final int META_LENGTH = 152;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Takes rows in the order of their keys; the memory is valid during the call. */
  @FunctionalInterface
  interface Rows {
    void take(MemorySegment key, MemorySegment value);
  }

  private record Tree(int flags, int depth, long entries, long root) {
    static Tree read(MemorySegment bytes, long at) {
      return new Tree(
          Short.toUnsignedInt(bytes.get(SHORT, at + 4)),
          Short.toUnsignedInt(bytes.get(SHORT, at + 6)),
          bytes.get(LONG, at + 32),
          bytes.get(LONG, at + 40));
    }

    boolean isEmpty() {
      return root == -1 && entries == 0;
    }
  }

  private record Root(long transaction, long lastPage, Tree main, int pageBytes) {}

  /** The state of a walk: keys only grow. */
  private static final class Walk {
    private final Rows rows;
    private final int depth;
    private long count;
    private byte[] last = new byte[0];

    Walk(Rows rows, int depth) {
      this.rows = rows;
      this.depth = depth;
    }
  }

  private final Arena arena = Arena.ofConfined();
  private final FileChannel file;
  private final Root root;

  /** One page for each level of a walk; walks do not nest. */
  private final List<MemorySegment> pages = new ArrayList<>();

  private IndexFile(FileChannel file) throws IOException {
    this.file = file;
    root = newestRoot();
  }

  /**
   * Opens the file.
   *
   * @throws DamagedIndexException if its head is no LMDB head
   */
  static IndexFile open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    boolean opened = false;
    try {
      IndexFile index = new IndexFile(file);
      opened = true;
      return index;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  private Root newestRoot() throws IOException {
    MemorySegment head = arena.allocate(META_LENGTH, Long.BYTES);
    read(head, 0);
    Root first = rootIn(head);
    read(head, first.pageBytes());
    Root second = rootIn(head);
    require(first.pageBytes() == second.pageBytes(), "its two roots differ in page size");
    // As LMDB chooses.
    return first.transaction() < second.transaction() ? second : first;
  }

  private static Root rootIn(MemorySegment head) {
    require((head.get(SHORT, 10) & META) != 0, "a root has another page's flags");
    require(head.get(INT, 16) == MAGIC, "it is no LMDB file");
    require(head.get(INT, 20) == VERSION, "it is of LMDB data version " + head.get(INT, 20));
    int pageBytes = head.get(INT, FREE_TREE);
    require(
        pageBytes >= SMALLEST_PAGE && pageBytes <= LARGEST_PAGE && Integer.bitCount(pageBytes) == 1,
        "impossible page size " + pageBytes);
    return new Root(
        head.get(LONG, TRANSACTION),
        head.get(LONG, LAST_PAGE),
        Tree.read(head, MAIN_TREE),
        pageBytes);
  }

  /**
   * Shows all rows of a named database.
   *
   * @return how many there are
   * @throws DamagedIndexException if there is no such database, or its tree is not as LMDB writes
   *     it
   */
  long forEach(String database, Rows rows) throws IOException {
    byte[] name = database.getBytes(StandardCharsets.US_ASCII);
    List<Tree> found = new ArrayList<>();
    walk(
        root.main(),
        TREE_VALUE,
        (key, value) -> {
          if (key.mismatch(MemorySegment.ofArray(name)) == -1) {
            require(value.byteSize() == TREE_LENGTH, "a database of another length");
            found.add(Tree.read(value, 0));
          }
        });
    require(!found.isEmpty(), "it has no database " + database);
    return walk(found.getFirst(), 0, rows);
  }

  private long walk(Tree tree, int nodeFlags, Rows rows) throws IOException {
    if (tree.isEmpty()) {
      return 0;
    }
    require(tree.flags() == 0, "a tree of another kind", tree.root());
    require(tree.depth() >= 1 && tree.depth() <= MOST_LEVELS, "impossible depth", tree.root());
    Walk walk = new Walk(rows, tree.depth());
    walk(walk, tree.root(), 1, nodeFlags, new byte[0], null);
    require(walk.count == tree.entries(), "a tree has not as many rows as it says");
    return walk.count;
  }

  /** Walks a page whose keys must lie in {@code [lower, upper)}. */
  private void walk(
      Walk walk, long number, int level, int nodeFlags, byte[] lower, byte @Nullable [] upper)
      throws IOException {
    MemorySegment page = page(number, level);
    int flags = Short.toUnsignedInt(page.get(SHORT, 10));
    require(flags == (level == walk.depth ? LEAF : BRANCH), "a page of another kind", number);
    int nodes = nodes(page, number);
    byte[] from = lower;
    for (int i = 0; i < nodes; i++) {
      long at = node(page, i, nodes, number);
      MemorySegment key = key(page, at, number);
      if (level == walk.depth) {
        takeRow(walk, page, at, key, nodeFlags, number);
        require(
            isBelow(walk.last, upper) && compare(walk.last, lower) >= 0, "a misplaced key", number);
      } else {
        byte[] to =
            i + 1 < nodes ? bytes(key(page, node(page, i + 1, nodes, number), number)) : upper;
        require(to == null || compare(from, to) < 0, "keys are out of order", number);
        long child =
            Integer.toUnsignedLong(page.get(INT, at))
                | (long) Short.toUnsignedInt(page.get(SHORT, at + 4)) << 32;
        walk(walk, child, level + 1, nodeFlags, from, to);
        from = to == null ? from : to;
      }
    }
  }

  private void takeRow(
      Walk walk, MemorySegment page, long at, MemorySegment key, int nodeFlags, long number) {
    require(page.get(SHORT, at + 4) == nodeFlags, "a row of another kind", number);
    long from = at + NODE_HEADER + key.byteSize();
    long length = Integer.toUnsignedLong(page.get(INT, at));
    require(from + length <= page.byteSize(), "a row leaves its page", number);
    byte[] bytes = bytes(key);
    require(walk.count == 0 || compare(walk.last, bytes) < 0, "keys are out of order", number);
    walk.last = bytes;
    walk.count++;
    walk.rows.take(key, page.asSlice(from, length));
  }

  private MemorySegment page(long number, int level) throws IOException {
    require(number > 1 && number <= root.lastPage(), "a number out of range", number);
    while (pages.size() < level) {
      pages.add(arena.allocate(root.pageBytes(), Long.BYTES));
    }
    MemorySegment page = pages.get(level - 1);
    read(page, number * root.pageBytes());
    require(page.get(LONG, 0) == number, "a page calls itself otherwise", number);
    return page;
  }

  private static int nodes(MemorySegment page, long number) {
    int lower = Short.toUnsignedInt(page.get(SHORT, 12));
    int upper = Short.toUnsignedInt(page.get(SHORT, 14));
    require(
        lower > PAGE_HEADER && lower % 2 == 0 && lower <= upper && upper <= page.byteSize(),
        "impossible bounds",
        number);
    return (lower - PAGE_HEADER) / 2;
  }

  private static long node(MemorySegment page, int index, int nodes, long number) {
    long at = Short.toUnsignedLong(page.get(SHORT, PAGE_HEADER + 2L * index));
    require(
        at >= PAGE_HEADER + 2L * nodes && at + NODE_HEADER <= page.byteSize(),
        "a node leaves its page",
        number);
    return at;
  }

  private static MemorySegment key(MemorySegment page, long at, long number) {
    int length = Short.toUnsignedInt(page.get(SHORT, at + 6));
    require(at + NODE_HEADER + length <= page.byteSize(), "a key leaves its page", number);
    return page.asSlice(at + NODE_HEADER, length);
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  private static boolean isBelow(byte[] key, byte @Nullable [] upper) {
    return upper == null || compare(key, upper) < 0;
  }

  private static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }

  private void read(MemorySegment target, long position) throws IOException {
    ByteBuffer buffer = target.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (file.read(buffer, position + buffer.position()) < 0) {
        throw new DamagedIndexException("it ends at " + file.size());
      }
    }
  }

  private static void require(boolean sound, String complaint, long page) {
    if (!sound) {
      throw new DamagedIndexException(complaint + " (page " + page + ")");
    }
  }

  static void require(boolean sound, String complaint) {
    if (!sound) {
      throw new DamagedIndexException(complaint);
    }
  }

  @Override
  public void close() throws IOException {
    arena.close();
    file.close();
  }
}
