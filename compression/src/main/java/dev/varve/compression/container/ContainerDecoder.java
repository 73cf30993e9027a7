package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes the blocks of a container. A block that depends on an earlier layer's has that one
 * decoded first, and so on; what was decoded on the way is kept up to 32 MiB, so that reading the
 * layers of a chunk one after the other decodes each once. Keeps one codec for each encoding and
 * geometry, and one block of scratch memory for selections: for one thread at a time; several may
 * decode one file.
 */
public final class ContainerDecoder {
  private final ContainerFile file;
  private final BlockCodecs codecs;
  private final DecodedBlocks decoded = new DecodedBlocks();
  private final Map<Long, MemorySegment> scratch = new HashMap<>();

  /** A decoder of {@code file}, which must stay open. */
  public ContainerDecoder(ContainerFile file, CodecSource codecs) {
    this.file = file;
    this.codecs = new BlockCodecs(file, codecs);
  }

  /**
   * Decodes both sections of {@code entry}.
   *
   * @param block at least the bytes of the layer's geometry; tokens that the block does not hold
   *     stay as they are
   */
  public ContainerReading decode(BlockEntry entry, MemorySegment block) {
    return geometry(entry).valueIsPrefixOfKey()
        ? decode(entry, block, Section.KEYS)
        : decode(entry, block, Section.KEYS, Section.VALUES);
  }

  /** Decodes one section of {@code entry}; see {@link #decode(BlockEntry, MemorySegment)}. */
  public ContainerReading decode(BlockEntry entry, Section section, MemorySegment block) {
    return decode(entry, block, section);
  }

  private ContainerReading decode(BlockEntry entry, MemorySegment block, Section... sections) {
    try {
      if (Codecs.dependent(entry.info().encoding())) {
        copy(entry, whole(entry), block, sections);
      } else {
        decode(entry, codecs.independent(entry), block, sections);
      }
      return new ContainerReading.Read();
    } catch (FaultException e) {
      String place = "%s: %s".formatted(file.path(), entry.address());
      return new ContainerReading.Refused(e.fault().in(place));
    }
  }

  private void decode(BlockEntry entry, BlockCodec codec, MemorySegment block, Section... sections)
      throws FaultException {
    MemorySegment payload = payload(entry);
    for (Section section : sections) {
      decode(codec, entry, section, payload, block);
    }
  }

  private MemorySegment payload(BlockEntry entry) throws FaultException {
    return switch (file.payload(entry)) {
      case PayloadReading.Refused(ContainerFault fault) -> throw new FaultException(fault);
      case PayloadReading.Sound(MemorySegment payload) -> payload;
    };
  }

  private static void decode(
      BlockCodec codec,
      BlockEntry entry,
      Section section,
      MemorySegment payload,
      MemorySegment block)
      throws FaultException {
    int tokens =
        switch (codec.decode(section, payload, block)) {
          case DecodeResult.Decoded(int count) -> count;
          case DecodeResult.Refused(DecodeResult.Cause cause, String reason) ->
              throw new FaultException(kind(cause), reason);
        };
    if (tokens != entry.info().tokens() && !entry.info().encoding().equals(Encoding.RAW)) {
      throw FaultException.corrupt(
          "the payload holds %d tokens, its record says %d"
              .formatted(tokens, entry.info().tokens()));
    }
  }

  /** The decoded block of {@code entry}, after those of the layers that it depends on. */
  private MemorySegment whole(BlockEntry entry) throws FaultException {
    Deque<BlockEntry> missing = new ArrayDeque<>();
    Optional<BlockEntry> next = Optional.of(entry);
    while (next.isPresent() && decoded.find(next.get().address()).isEmpty()) {
      missing.push(next.get());
      next = codecs.before(next.get());
    }
    Optional<BlockEntry> before = next;
    for (BlockEntry needed : missing) {
      try {
        decodeWhole(needed, before);
      } catch (FaultException e) {
        throw needed.equals(entry)
            ? e
            : new FaultException(e.fault().in("needs %s".formatted(needed.address())));
      }
      before = Optional.of(needed);
    }
    return decoded.find(entry.address()).orElseThrow();
  }

  private void decodeWhole(BlockEntry entry, Optional<BlockEntry> before) throws FaultException {
    BlockCodec codec =
        before.isEmpty()
            ? codecs.independent(entry)
            : codecs.dependent(entry).after(decoded.find(before.get().address()).orElseThrow());
    MemorySegment payload = payload(entry);
    MemorySegment room = decoded.room(geometry(entry).bytes());
    decode(codec, entry, Section.KEYS, payload, room);
    if (!geometry(entry).valueIsPrefixOfKey()) {
      decode(codec, entry, Section.VALUES, payload, room);
    }
    decoded.keep(entry.address(), room);
  }

  private void copy(
      BlockEntry entry, MemorySegment whole, MemorySegment block, Section... sections) {
    BlockGeometry geometry = geometry(entry);
    for (Section section : sections) {
      boolean keys = section == Section.KEYS;
      for (int head = 0; head < geometry.kvHeads(); head++) {
        long offset = keys ? geometry.keyOffset(head, 0) : geometry.valueOffset(head, 0);
        long rowBytes = keys ? geometry.keyRowBytes() : geometry.valueRowBytes();
        MemorySegment.copy(whole, offset, block, offset, entry.info().tokens() * rowBytes);
      }
    }
  }

  private static FaultKind kind(DecodeResult.Cause cause) {
    return switch (cause) {
      case UNSUPPORTED_VERSION -> FaultKind.UNSUPPORTED_VERSION;
      case CHECKSUM_MISMATCH -> FaultKind.CHECKSUM_MISMATCH;
      case BAD_MAGIC, BAD_LENGTH, MISMATCH, CORRUPT -> FaultKind.CORRUPT_PAYLOAD;
    };
  }

  /**
   * Decodes the selected rows.
   *
   * @param target receives {@code [heads][tokens][dim]} of the original element type, the tokens of
   *     all selected chunks one after the other; exactly that long
   * @throws IllegalArgumentException if the selection is not of this file or the target has another
   *     length
   */
  public ContainerReading read(RowSelection selection, MemorySegment target) {
    BlockGeometry geometry = check(selection, target);
    MemorySegment block =
        scratch.computeIfAbsent(geometry.bytes(), bytes -> Arena.ofAuto().allocate(bytes, 64));
    boolean inKeys = geometry.valueIsPrefixOfKey();
    Section stored = inKeys ? Section.KEYS : selection.section();
    int tokens = selection.tokens(file.header());
    int done = 0;
    for (int i = 0; i < selection.chunks(); i++) {
      int chunk = selection.firstChunk() + i;
      BlockAddress address = new BlockAddress(selection.layer(), chunk, selection.level());
      Optional<BlockEntry> entry = file.find(address);
      if (entry.isEmpty()) {
        return new ContainerReading.Refused(
            new ContainerFault(
                FaultKind.TRUNCATED_INPUT, "%s has no block %s".formatted(file.path(), address)));
      }
      if (decode(entry.get(), stored, block) instanceof ContainerReading.Refused refused) {
        return refused;
      }
      for (int head = 0; head < selection.heads(); head++) {
        copy(
            geometry,
            selection,
            head,
            block,
            entry.get().info().tokens(),
            target,
            (long) head * tokens + done);
      }
      done += entry.get().info().tokens();
    }
    return new ContainerReading.Read();
  }

  private static void copy(
      BlockGeometry geometry,
      RowSelection selection,
      int head,
      MemorySegment block,
      int tokens,
      MemorySegment target,
      long row) {
    int from = selection.firstHead() + head;
    boolean keys = selection.section() == Section.KEYS;
    long rowBytes = rowBytes(geometry, selection.section());
    if (keys || !geometry.valueIsPrefixOfKey()) {
      long offset = keys ? geometry.keyOffset(from, 0) : geometry.valueOffset(from, 0);
      MemorySegment.copy(block, offset, target, row * rowBytes, tokens * rowBytes);
      return;
    }
    for (int token = 0; token < tokens; token++) {
      long offset = geometry.valueOffset(from, token);
      MemorySegment.copy(block, offset, target, (row + token) * rowBytes, rowBytes);
    }
  }

  /** Bytes of a row as it is handed out, which for values in keys is less than a stored row. */
  private static long rowBytes(BlockGeometry geometry, Section section) {
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    return (long) dim * geometry.dtype().bytes();
  }

  private BlockGeometry check(RowSelection selection, MemorySegment target) {
    ContainerHeader header = file.header();
    if (selection.layer() >= header.shape().layerCount()
        || selection.firstChunk() > header.chunks() - selection.chunks()
        || selection.firstHead()
            > header.shape().layers().get(selection.layer()).kvHeads() - selection.heads()) {
      throw new IllegalArgumentException(
          "%s is not within %d layers and %d chunks of %s"
              .formatted(selection, header.shape().layerCount(), header.chunks(), file.path()));
    }
    BlockGeometry geometry = header.geometry(selection.layer());
    long bytes =
        (long) selection.heads()
            * selection.tokens(header)
            * rowBytes(geometry, selection.section());
    if (target.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "the target has %d bytes, %s takes %d".formatted(target.byteSize(), selection, bytes));
    }
    return geometry;
  }

  private BlockGeometry geometry(BlockEntry entry) {
    return file.header().geometry(entry.address().layer());
  }
}
