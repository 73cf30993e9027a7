package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file COMMIT of a store: generation of the index, written after each transaction and before
 * any segment is changed because of it. LMDB never writes over the tree of the transaction before,
 * has no checksum, and finds the newest tree by a few bytes. Where they are damaged an older tree
 * passes for the truth, which nothing within it contradicts but its generation.
 *
 * <pre>
 *  0            8      12
 *  +------------+------+
 *  | generation | CRC  |
 *  +------------+------+
 * </pre>
 *
 * After a loss of power the note may be older than the index, which says nothing against the index.
 */
final class CommitMark implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CommitMark.class);
  private static final int CRC_OFFSET = Long.BYTES;
  private static final int LENGTH = CRC_OFFSET + Integer.BYTES;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final ChannelFile file;

  CommitMark(StoreFolder folder) {
    path = folder.root().resolve("COMMIT");
    file =
        new ChannelFile(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Notes a generation; without the note the next open may rebuild the index. */
  void write(long generation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(LENGTH);
      bytes.set(LONG, 0, generation);
      bytes.set(INT, CRC_OFFSET, BlockChecksum.crc32c(bytes.asSlice(0, CRC_OFFSET)));
      file.write(bytes, 0);
    } catch (IOException e) {
      log.error("{} cannot be written: the index is rebuilt unless the store is closed", path, e);
    }
  }

  /** The generation noted in the store in {@code folder}; empty if none can be read. */
  static OptionalLong read(StoreFolder folder) {
    Path path = folder.root().resolve("COMMIT");
    try (Arena arena = Arena.ofConfined();
        ChannelFile file = new ChannelFile(path, StandardOpenOption.READ)) {
      MemorySegment bytes = arena.allocate(LENGTH);
      file.read(bytes, 0);
      return bytes.get(INT, CRC_OFFSET) == BlockChecksum.crc32c(bytes.asSlice(0, CRC_OFFSET))
          ? OptionalLong.of(bytes.get(LONG, 0))
          : OptionalLong.empty();
    } catch (IOException e) {
      log.info("{} cannot be read: {}", path, e.toString());
      return OptionalLong.empty();
    }
  }

  /** Returns once the note is on the disk: it need not be, but shall exist after a power loss. */
  void force() throws IOException {
    file.force();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      log.warn("{} cannot be closed", path, e);
    }
  }
}
