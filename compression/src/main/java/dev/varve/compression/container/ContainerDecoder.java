package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFormats;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes the blocks of a container. Keeps one codec for each encoding and geometry, and one block
 * of scratch memory for selections: for one thread at a time; several may decode one file.
 */
public final class ContainerDecoder {
  private record CodecKey(Encoding encoding, BlockGeometry geometry, RopeSpec rope, int tables) {}

  private final ContainerFile file;
  private final CodecSource codecs;
  private final Map<CodecKey, BlockCodec> opened = new HashMap<>();
  private final Map<Long, MemorySegment> scratch = new HashMap<>();

  /** A decoder of {@code file}, which must stay open. */
  public ContainerDecoder(ContainerFile file, CodecSource codecs) {
    this.file = file;
    this.codecs = codecs;
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
      switch (file.payload(entry)) {
        case PayloadReading.Refused(ContainerFault fault) -> {
          return new ContainerReading.Refused(fault);
        }
        case PayloadReading.Sound(MemorySegment payload) -> {
          BlockCodec codec = codec(entry);
          for (Section section : sections) {
            decode(codec, entry, section, payload, block);
          }
        }
      }
      return new ContainerReading.Read();
    } catch (FaultException e) {
      String place = "%s: %s".formatted(file.path(), entry.address());
      return new ContainerReading.Refused(e.fault().in(place));
    }
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

  private BlockCodec codec(BlockEntry entry) throws FaultException {
    BlockInfo info = entry.info();
    if (info.dependsOn().isPresent()) {
      throw new FaultException(
          FaultKind.UNSUPPORTED_VERSION,
          "needs the decoded block of layer %d: no codec of this program does"
              .formatted(info.dependsOn().getAsInt()));
    }
    LayerShape layer = file.header().shape().layers().get(info.address().layer());
    CodecKey key = new CodecKey(info.encoding(), geometry(entry), layer.rope(), info.tableSet());
    BlockCodec known = opened.get(key);
    if (known != null) {
      return known;
    }
    Optional<TableSet> tables = tables(info.tableSet());
    try {
      BlockCodec codec = codecs.open(info.encoding(), key.geometry(), key.rope(), tables);
      opened.put(key, codec);
      return codec;
    } catch (IllegalArgumentException e) {
      throw new FaultException(refusal(info), String.valueOf(e.getMessage()));
    }
  }

  private static FaultKind refusal(BlockInfo info) {
    Encoding encoding = info.encoding();
    if (SectionFormats.of(encoding.keyFormat()).isEmpty()
        || SectionFormats.of(encoding.valueFormat()).isEmpty()) {
      return FaultKind.UNSUPPORTED_VERSION;
    }
    return info.tableSet() == 0 && !Codecs.tables(encoding).isEmpty()
        ? FaultKind.TABLE_MISSING
        : FaultKind.CORRUPT_PAYLOAD;
  }

  private Optional<TableSet> tables(int id) throws FaultException {
    if (id == 0) {
      return Optional.empty();
    }
    return switch (file.tables(id)) {
      case TableReading.Sound(TableSet tables) -> Optional.of(tables);
      case TableReading.Refused(ContainerFault fault) -> throw new FaultException(fault);
    };
  }
}
