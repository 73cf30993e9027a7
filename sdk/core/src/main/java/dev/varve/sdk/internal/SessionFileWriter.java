package dev.varve.sdk.internal;

import static dev.varve.sdk.internal.SessionFileDescriptor.INT;
import static dev.varve.sdk.internal.SessionFileDescriptor.LONG;
import static dev.varve.sdk.internal.SessionFileDescriptor.SHORT;

import dev.varve.sdk.internal.memory.PrivateRows;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes a session as {@link SessionFileDescriptor} says. */
final class SessionFileWriter {

  private final CacheParts parts;

  SessionFileWriter(CacheParts parts) {
    this.parts = parts;
  }

  /** The file of {@code state}, in memory of {@code arena}. */
  MemorySegment write(SessionState state, Arena arena) {
    ModelGeometry geometry = parts.tiers().geometry();
    int[] tokenIds = state.tokenIds();
    PrivateRows own = state.own();
    int tail = own == null ? state.tailTokens() : 0;
    long size =
        SessionFileDescriptor.fileBytes(geometry, tokenIds.length, tail)
            + (own == null ? 0 : PrivateSectionDescriptor.bytes(geometry, own));
    MemorySegment file = arena.allocate(size, Long.BYTES);
    MemorySegment.copy(
        MemorySegment.ofArray(tokenIds),
        ValueLayout.JAVA_INT,
        0,
        file,
        INT,
        SessionFileDescriptor.HEADER_LENGTH,
        tokenIds.length);
    writeHeader(state, file);
    long[] at = {SessionFileDescriptor.tailOffset(tokenIds.length)};
    if (own == null) {
      state.showTail((block, layer) -> {
        writeLayer(geometry.block(layer), layer, block, tail, file.asSlice(at[0]));
        at[0] += SessionFileDescriptor.layerBytes(geometry.block(layer), tail);
      });
    } else {
      at[0] = new PrivateSectionWriter(geometry, own, file).write(at[0]);
    }
    file.set(INT, at[0], BlockChecksum.crc32c(file.asSlice(0, at[0])));
    return file;
  }

  private void writeHeader(SessionState state, MemorySegment file) {
    boolean forgot = state.own() != null;
    int tail = forgot ? 0 : state.tailTokens();
    ChainLineages lineages = state.lineages();
    boolean chose = !forgot && lineages.code().isPresent();
    int version =
        forgot
            ? SessionFileDescriptor.PRIVATE_VERSION
            : chose ? SessionFileDescriptor.READING_VERSION : SessionFileDescriptor.VERSION;
    ModelGeometry geometry = parts.tiers().geometry();
    file.set(INT, SessionFileDescriptor.MAGIC_OFFSET, SessionFileDescriptor.MAGIC);
    file.set(SHORT, SessionFileDescriptor.VERSION_OFFSET, (short) version);
    if (chose) {
      file.set(INT, SessionFileDescriptor.EXACT_BLOCKS_OFFSET, lineages.exactBlocks());
      file.set(LONG, SessionFileDescriptor.READING_CODE_OFFSET, lineages.code().getAsLong());
    } else {
      file.set(INT, SessionFileDescriptor.PARKED_OFFSET, state.parked().size());
    }
    file.set(
        SHORT, SessionFileDescriptor.LENGTH_OFFSET, (short) SessionFileDescriptor.HEADER_LENGTH);
    state.tenant().write(file, SessionFileDescriptor.TENANT_OFFSET);
    state.lineage().digest().write(file, SessionFileDescriptor.FINGERPRINT_OFFSET);
    state.lastKey().digest().write(file, SessionFileDescriptor.CHAIN_OFFSET);
    file.set(INT, SessionFileDescriptor.BLOCK_TOKENS_OFFSET, geometry.blockTokens());
    file.set(INT, SessionFileDescriptor.TOKENS_OFFSET, state.length());
    file.set(INT, SessionFileDescriptor.TAIL_TOKENS_OFFSET, tail);
    file.set(
        INT, SessionFileDescriptor.TAIL_LAYERS_OFFSET, tail == 0 ? 0 : geometry.owningLayers());
    file.set(LONG, SessionFileDescriptor.FILE_BYTES_OFFSET, file.byteSize());
    MemorySegment checked = file.asSlice(0, SessionFileDescriptor.HEADER_CRC_OFFSET);
    file.set(INT, SessionFileDescriptor.HEADER_CRC_OFFSET, BlockChecksum.crc32c(checked));
  }

  /** Writes what one layer's rows look like. */
  static void writeLayerHeader(BlockGeometry geometry, int layer, MemorySegment target) {
    target.set(INT, SessionFileDescriptor.LAYER_OFFSET, layer);
    target.set(INT, SessionFileDescriptor.HEADS_OFFSET, geometry.kvHeads());
    target.set(INT, SessionFileDescriptor.KEY_ROW_OFFSET, (int) geometry.keyRowBytes());
    target.set(
        INT,
        SessionFileDescriptor.VALUE_ROW_OFFSET,
        (int) SessionFileDescriptor.valueRowBytes(geometry));
  }

  private static void writeLayer(
      BlockGeometry geometry, int layer, MemorySegment block, int tail, MemorySegment target) {
    writeLayerHeader(geometry, layer, target);
    long at = SessionFileDescriptor.LAYER_HEADER_LENGTH;
    long keys = tail * geometry.keyRowBytes();
    for (int head = 0; head < geometry.kvHeads(); head++, at += keys) {
      MemorySegment.copy(block, geometry.keyOffset(head, 0), target, at, keys);
    }
    long values = tail * SessionFileDescriptor.valueRowBytes(geometry);
    for (int head = 0; values > 0 && head < geometry.kvHeads(); head++, at += values) {
      MemorySegment.copy(block, geometry.valueOffset(head, 0), target, at, values);
    }
  }
}
