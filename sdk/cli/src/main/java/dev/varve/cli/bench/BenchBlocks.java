package dev.varve.cli.bench;

import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockKey;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks of an invented model of one layer, 512 KiB each, sealed and checksummed.
 *
 * @param memory all payloads, one after the other
 * @param blocks in order
 */
record BenchBlocks(MemorySegment memory, List<EncodedBlock> blocks) {

  private static final int TOKENS = 128;
  private static final LayerShape LAYER = LayerShape.grouped(32, 8, 128, RopeSpec.none());
  private static final long SEED = 9;

  /** So that a file can take the memory past the page cache. */
  private static final long PAGE = 4096;

  BenchBlocks {
    blocks = List.copyOf(blocks);
  }

  /** As many whole blocks as {@code bytes} hold, at least one, in memory of {@code arena}. */
  static BenchBlocks make(long bytes, Arena arena) {
    ModelShape shape = ModelShape.uniform(1, LAYER, Dtype.F16);
    Fingerprint fingerprint = Fingerprint.of("bench", shape, TOKENS);
    int count = Math.toIntExact(Math.max(1, bytes / blockBytes()));
    MemorySegment memory = arena.allocate(count * blockBytes(), PAGE);
    new Gaussian(SEED).fill(memory, Dtype.F16);
    List<EncodedBlock> blocks = new ArrayList<>();
    ChainKey parent = ChainKey.root(Tenant.NONE, fingerprint);
    for (int i = 0; i < count; i++) {
      ChainKey chain = parent.next(new int[] {i}, 0, 1);
      BlockKey key = new ChunkKey(Tenant.NONE, fingerprint, chain).block(0, Encoding.RAW);
      ChunkSpan span = new ChunkSpan(parent, i * TOKENS, TOKENS, 1);
      MemorySegment payload = memory.asSlice(i * blockBytes(), blockBytes());
      blocks.add(EncodedBlock.seal(key, span, payload));
      parent = chain;
    }
    return new BenchBlocks(memory, blocks);
  }

  static long blockBytes() {
    return BlockGeometry.of(LAYER, Dtype.F16, TOKENS).bytes();
  }

  List<BlockKey> keys() {
    return blocks.stream().map(block -> block.header().key()).toList();
  }

  /** The blocks in groups of about {@code bytes}. */
  List<List<EncodedBlock>> batches(long bytes) {
    int size = Math.toIntExact(Math.max(1, bytes / blockBytes()));
    List<List<EncodedBlock>> batches = new ArrayList<>();
    for (int from = 0; from < blocks.size(); from += size) {
      batches.add(blocks.subList(from, Math.min(blocks.size(), from + size)));
    }
    return batches;
  }
}
