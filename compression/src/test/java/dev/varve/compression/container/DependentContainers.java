package dev.varve.compression.container;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.TestTables;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Containers of four layers of which all but the first are predicted from the one before. */
final class DependentContainers {
  static final int LAYERS = 4;
  static final int TOKENS = 80;
  static final RopeSpec ROPE = RopeSpec.of(16, 10_000, RopeSpec.Pairing.HALVES);

  private static final Encoding FIRST = Encodings.parse("int8");
  private static final Encoding OTHERS = Encodings.parse("aquakv2");

  private DependentContainers() {}

  static ContainerHeader header() {
    LayerShape layer = LayerShape.grouped(4, 2, 16, ROPE);
    ModelShape shape = new ModelShape(List.of(layer, layer, layer, layer), Dtype.BF16);
    return ContainerHeader.of(shape, 64, TOKENS).alignedTo(64);
  }

  /** What a writer may get wrong. */
  interface Change {
    /** As it should be. */
    Change NONE = info -> info;

    /** What is written of a block instead. */
    BlockInfo of(BlockInfo info);
  }

  /** Writes a container; {@code skipped} is a layer whose blocks are left out, or -1. */
  static void write(Path path, Change change, int skipped, boolean tables) {
    ContainerHeader header = header();
    try (ContainerWriter writer =
        ContainerWriter.create(path, header, Existing.REPLACE, Backend.SCALAR)) {
      for (int layer = 1; layer < LAYERS && tables; layer++) {
        writer.appendTables(layer, TestTables.of(header.geometry(layer)).bytes());
      }
      for (int chunk = 0; chunk < header.chunks(); chunk++) {
        MemorySegment before = MemorySegment.NULL;
        for (int layer = 0; layer < LAYERS; layer++) {
          BlockCodec codec = codec(header, layer, before);
          MemorySegment payload = encode(codec, header, layer, chunk);
          before = Arena.ofAuto().allocate(header.geometry(layer).bytes());
          if (!(codec.decode(payload, before) instanceof DecodeResult.Decoded)) {
            throw new AssertionError("layer " + layer + " does not come back");
          }
          BlockInfo info =
              new BlockInfo(
                  BlockAddress.of(layer, chunk),
                  codec.encoding(),
                  header.tokensOf(chunk),
                  layer == 0 ? OptionalInt.empty() : OptionalInt.of(layer - 1),
                  layer);
          if (layer != skipped) {
            writer.append(change.of(info), payload);
          }
        }
      }
      writer.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BlockCodec codec(ContainerHeader header, int layer, MemorySegment before) {
    BlockGeometry geometry = header.geometry(layer);
    LayerTables tables = TestTables.of(geometry);
    return layer == 0
        ? Codecs.open(FIRST, geometry, ROPE, Backend.SCALAR)
        : Codecs.openAfter(
                new EarlierLayer(geometry, ROPE), OTHERS, geometry, ROPE, tables, Backend.SCALAR)
            .after(before);
  }

  private static MemorySegment encode(
      BlockCodec codec, ContainerHeader header, int layer, int chunk) {
    int tokens = header.tokensOf(chunk);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    MemorySegment block = Containers.block(header, layer, chunk);
    Encoded encoded =
        (Encoded) codec.encode(block, CodecContext.of(tokens).at(header.positionOf(chunk)), target);
    return target.asSlice(0, encoded.bytes());
  }

  /** The decoded blocks of all layers of a chunk, each from the one before. */
  static List<MemorySegment> decoded(ContainerFile file, int chunk) {
    List<MemorySegment> blocks = new ArrayList<>();
    MemorySegment before = MemorySegment.NULL;
    for (int layer = 0; layer < LAYERS; layer++) {
      BlockEntry entry = file.find(BlockAddress.of(layer, chunk)).orElseThrow();
      MemorySegment payload = ((PayloadReading.Sound) file.payload(entry)).bytes();
      MemorySegment block = Arena.ofAuto().allocate(file.header().geometry(layer).bytes());
      codec(file.header(), layer, before).decode(payload, block);
      blocks.add(block);
      before = block;
    }
    return blocks;
  }
}
