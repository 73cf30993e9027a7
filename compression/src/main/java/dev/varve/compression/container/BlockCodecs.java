package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.DependentCodec;
import dev.varve.compression.SectionFormats;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The codecs of a container's blocks, each opened once. For one thread at a time. */
final class BlockCodecs {
  private record Key(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, int tables, OptionalInt before) {}

  private final ContainerFile file;
  private final CodecSource source;
  private final Map<Key, BlockCodec> independent = new HashMap<>();
  private final Map<Key, DependentCodec> dependent = new HashMap<>();

  BlockCodecs(ContainerFile file, CodecSource source) {
    this.file = file;
    this.source = source;
  }

  /** The codec of a block that depends on no other. */
  BlockCodec independent(BlockEntry entry) throws FaultException {
    Key key = key(entry);
    BlockCodec known = independent.get(key);
    if (known == null) {
      Optional<TableSet> tables = tables(key.tables);
      try {
        known = source.open(key.encoding, key.geometry, key.rope, tables);
      } catch (IllegalArgumentException e) {
        throw refused(entry.info(), e);
      }
      independent.put(key, known);
    }
    if (key.before.isPresent()) {
      throw FaultException.corrupt(
          "names layer %d as what it depends on, and its encoding depends on none"
              .formatted(key.before.getAsInt()));
    }
    return known;
  }

  /** The codec of a block that depends on another. */
  DependentCodec dependent(BlockEntry entry) throws FaultException {
    Key key = key(entry);
    DependentCodec known = dependent.get(key);
    if (known == null) {
      Optional<TableSet> tables = tables(key.tables);
      int layer = key.before.orElseThrow();
      EarlierLayer earlier = new EarlierLayer(file.header().geometry(layer), shape(layer).rope());
      try {
        known = source.openAfter(earlier, key.encoding, key.geometry, key.rope, tables);
      } catch (IllegalArgumentException e) {
        throw refused(entry.info(), e);
      }
      dependent.put(key, known);
    }
    return known;
  }

  /** The block that {@code entry} depends on, if its encoding makes it depend on one. */
  Optional<BlockEntry> before(BlockEntry entry) throws FaultException {
    BlockInfo info = entry.info();
    if (!Codecs.dependent(info.encoding())) {
      return Optional.empty();
    }
    if (info.dependsOn().isEmpty()) {
      throw FaultException.corrupt(
          "names no layer as what it depends on, and its encoding depends on one");
    }
    BlockAddress address =
        new BlockAddress(
            info.dependsOn().getAsInt(), info.address().chunk(), info.address().level());
    Optional<BlockEntry> found = file.find(address);
    if (found.isEmpty()) {
      throw new FaultException(
          FaultKind.TRUNCATED_INPUT,
          "depends on the block of %s, which is not there".formatted(address));
    }
    return found;
  }

  private Key key(BlockEntry entry) {
    BlockInfo info = entry.info();
    int layer = info.address().layer();
    return new Key(
        info.encoding(),
        file.header().geometry(layer),
        shape(layer).rope(),
        info.tableSet(),
        info.dependsOn());
  }

  private LayerShape shape(int layer) {
    return file.header().shape().layers().get(layer);
  }

  private static FaultException refused(BlockInfo info, IllegalArgumentException e) {
    return new FaultException(kind(info), String.valueOf(e.getMessage()));
  }

  private static FaultKind kind(BlockInfo info) {
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
