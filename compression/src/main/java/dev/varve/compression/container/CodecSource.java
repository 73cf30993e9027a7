package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.DependentCodec;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.Optional;

/** Opens the codecs that decode a container's blocks. */
public interface CodecSource {

  /**
   * A codec for blocks of {@code geometry}.
   *
   * @param tables the table set that the blocks name; empty if they name none
   * @throws IllegalArgumentException if there is no such codec: says why
   */
  BlockCodec open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Optional<TableSet> tables);

  /**
   * A codec for blocks that are predicted from those of {@code earlier}.
   *
   * @throws IllegalArgumentException as {@link #open}
   */
  DependentCodec openAfter(
      EarlierLayer earlier,
      Encoding encoding,
      BlockGeometry geometry,
      RopeSpec rope,
      Optional<TableSet> tables);

  /** The codecs of this program, with the {@link LayerTables} that a block's table set holds. */
  static CodecSource of(Backend backend) {
    return new CodecSource() {
      @Override
      public BlockCodec open(
          Encoding encoding, BlockGeometry geometry, RopeSpec rope, Optional<TableSet> tables) {
        return Codecs.open(encoding, geometry, rope, read(tables), backend);
      }

      @Override
      public DependentCodec openAfter(
          EarlierLayer earlier,
          Encoding encoding,
          BlockGeometry geometry,
          RopeSpec rope,
          Optional<TableSet> tables) {
        return Codecs.openAfter(earlier, encoding, geometry, rope, read(tables), backend);
      }
    };
  }

  private static LayerTables read(Optional<TableSet> tables) {
    return tables.map(set -> LayerTables.read(set.bytes())).orElse(LayerTables.NONE);
  }
}
