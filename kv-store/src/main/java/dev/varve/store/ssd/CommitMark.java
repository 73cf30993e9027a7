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
 * The file COMMIT of a store: number of the index's last transaction, written after it. LMDB keeps
 * the roots of its last two transactions without a checksum; where the newer one is damaged it may
 * take the older for the truth, which nothing in the index contradicts.
 *
 * <pre>
 *  0             8      12
 *  +-------------+------+
 *  | transaction | CRC  |
 *  +-------------+------+
 * </pre>
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

  /** Notes the last transaction; without the note the next open may rebuild the index. */
  void write(long transaction) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(LENGTH);
      bytes.set(LONG, 0, transaction);
      bytes.set(INT, CRC_OFFSET, BlockChecksum.crc32c(bytes.asSlice(0, CRC_OFFSET)));
      file.write(bytes, 0);
    } catch (IOException e) {
      log.error("{} cannot be written: the index is rebuilt unless the store is closed", path, e);
    }
  }

  /** The transaction noted in the store in {@code folder}; empty if none can be read. */
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

  /** Whether an index whose last transaction is this one can be the newest. */
  static boolean allows(OptionalLong noted, long transaction) {
    return noted.isPresent()
        && (transaction == noted.getAsLong() || transaction - 1 == noted.getAsLong());
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
