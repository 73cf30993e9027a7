package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.Optional;

/** Opens the codecs that decode a container's blocks. */
@FunctionalInterface
public interface CodecSource {

  /**
   * A codec for blocks of {@code geometry}.
   *
   * @param tables the table set that the blocks name; empty if they name none
   * @throws IllegalArgumentException if there is no such codec: says why
   */
  BlockCodec open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Optional<TableSet> tables);

  /** The codecs of this program, with the {@link LayerTables} that a block's table set holds. */
  static CodecSource of(Backend backend) {
    return (encoding, geometry, rope, tables) -> {
      LayerTables read = tables.map(set -> LayerTables.read(set.bytes())).orElse(LayerTables.NONE);
      return Codecs.open(encoding, geometry, rope, read, backend);
    };
  }
}
