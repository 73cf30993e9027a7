package dev.varve.cli.bench;

import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ssd.MemorySegmentProxy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * The peer that keeps whole values in LMDB, as most embedded caches do: one synced transaction for
 * a batch, values copied into the room that LMDB reserves, no checksum.
 */
final class LmdbProbe implements AutoCloseable {

  private static final double SECOND = 1e9;
  private static final long LEAST_MAP_BYTES = 64L << 20;

  private final Env<MemorySegment> env;
  private final Dbi<MemorySegment> values;

  /** A new environment in an empty folder that takes up to {@code bytes} of values. */
  LmdbProbe(Path folder, long bytes) {
    env =
        Env.create(new MemorySegmentProxy())
            .setMapSize(LEAST_MAP_BYTES + 2 * bytes)
            .open(folder.toFile(), EnvFlags.MDB_NOTLS);
    values = env.openDbi("values", DbiFlags.MDB_CREATE);
  }

  /** Bytes a second of putting {@code batches}, each in one transaction. */
  double put(List<List<EncodedBlock>> batches) {
    long bytes = 0;
    long started = System.nanoTime();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment form = arena.allocate(BlockKey.INDEX_BYTES);
      for (List<EncodedBlock> batch : batches) {
        try (Txn<MemorySegment> txn = env.txnWrite()) {
          for (EncodedBlock block : batch) {
            block.header().key().writeIndexForm(form, 0);
            int length = block.header().payloadBytes();
            values.reserve(txn, form, length).copyFrom(block.payload());
            bytes += length;
          }
          txn.commit();
        }
      }
    }
    return bytes * SECOND / (System.nanoTime() - started);
  }

  /** Removes everything; the pages stay in the file and are used again. */
  void clear() {
    try (Txn<MemorySegment> txn = env.txnWrite()) {
      values.drop(txn);
      txn.commit();
    }
  }

  @Override
  public void close() {
    env.close();
  }
}
