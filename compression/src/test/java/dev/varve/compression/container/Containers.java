package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.TestTables;
import dev.varve.compression.container.ContainerOpening.Opened;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Small containers for tests. Integer arithmetic alone makes their numbers, so that their bytes
 * stay the same for ever.
 */
final class Containers {
  static final int CHUNK_TOKENS = 64;
  static final int TOKENS = 150;

  private Containers() {}

  /** Three layers that differ: the second reads the first's, the third has values in its keys. */
  static ModelShape shape(Dtype dtype) {
    RopeSpec rope = RopeSpec.of(32, 10_000, RopeSpec.Pairing.HALVES);
    RopeSpec scaled =
        new RopeSpec(
            16,
            500_000,
            RopeSpec.Pairing.INTERLEAVED,
            RopeSpec.Stored.PRE_ROPE,
            new RopeSpec.Scaling.Llama3(8, 1, 4, 8192));
    LayerShape first = LayerShape.grouped(4, 2, 32, rope);
    LayerShape second = new LayerShape(4, 2, 32, 32, 0.125f, 30, rope, 0, false, OptionalInt.of(0));
    LayerShape third =
        new LayerShape(8, 1, 64, 32, 0.25f, 0, scaled, 100, true, OptionalInt.empty());
    return new ModelShape(List.of(first, second, third), dtype);
  }

  static ContainerHeader header(Dtype dtype) {
    return ContainerHeader.of(shape(dtype), CHUNK_TOKENS, TOKENS);
  }

  /** The uncompressed block of a layer and a chunk. */
  static MemorySegment block(BlockGeometry geometry, long seed) {
    MemorySegment block = Arena.ofAuto().allocate(geometry.bytes());
    DtypeKernel kernel = DtypeKernel.of(Backend.SCALAR, geometry.dtype());
    float[] keys = numbers(geometry.kvHeads() * geometry.tokens() * geometry.keyDim(), seed);
    kernel.store(keys, 0, keys.length, block, 0);
    if (!geometry.valueIsPrefixOfKey()) {
      float[] values = numbers(geometry.kvHeads() * geometry.tokens() * geometry.valueDim(), ~seed);
      kernel.store(values, 0, values.length, block, geometry.valuesOffset());
    }
    return block;
  }

  /** Sums of three uniform numbers. */
  private static float[] numbers(int count, long seed) {
    float[] numbers = new float[count];
    long state = seed;
    for (int i = 0; i < count; i++) {
      int sum = 0;
      for (int part = 0; part < 3; part++) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        sum += (int) (state >>> 52) - 2048;
      }
      numbers[i] = sum / 2048f;
    }
    return numbers;
  }

  static MemorySegment block(ContainerHeader header, int layer, int chunk) {
    return block(header.geometry(layer), 31L * layer + chunk + 1);
  }

  static MemorySegment encode(
      ContainerHeader header, Encoding encoding, int layer, int chunk, MemorySegment block) {
    RopeSpec rope = header.shape().layers().get(layer).rope();
    BlockGeometry geometry = header.geometry(layer);
    BlockCodec codec =
        Codecs.open(encoding, geometry, rope, TestTables.of(geometry), Backend.SCALAR);
    int tokens = header.tokensOf(chunk);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    CodecContext context = CodecContext.of(tokens).at(header.positionOf(chunk));
    Encoded encoded = (Encoded) codec.encode(block, context, target);
    return target.asSlice(0, encoded.bytes());
  }

  /** Appends all blocks of all layers at one level. */
  static void appendAll(ContainerWriter writer, ContainerHeader header, String name, int level)
      throws IOException {
    Encoding encoding = Encodings.parse(name);
    for (int layer = 0; layer < header.shape().layerCount(); layer++) {
      for (int chunk = 0; chunk < header.chunks() && header.shape().owns(layer); chunk++) {
        MemorySegment block = block(header, layer, chunk);
        writer.append(
            new BlockAddress(layer, chunk, level),
            encoding,
            header.tokensOf(chunk),
            encode(header, encoding, layer, chunk, block));
      }
    }
  }

  /** Appends the blocks that no stopped writer left, and what each was made from. */
  static void appendMissing(ContainerWriter writer, ContainerHeader header, String name)
      throws IOException {
    for (int layer = 0; layer < header.shape().layerCount(); layer++) {
      for (int chunk = 0; chunk < header.chunks() && header.shape().owns(layer); chunk++) {
        BlockAddress address = BlockAddress.of(layer, chunk);
        if (writer.kept(address).isEmpty()) {
          append(writer, header, name, address);
        }
      }
    }
  }

  /** Appends a block and what it was made from. */
  static void append(
      ContainerWriter writer, ContainerHeader header, String name, BlockAddress address)
      throws IOException {
    Encoding encoding = Encodings.parse(name);
    MemorySegment block = block(header, address.layer(), address.chunk());
    clear(block, header.geometry(address.layer()), header.tokensOf(address.chunk()));
    writer.append(
        BlockInfo.of(address, encoding, header.tokensOf(address.chunk())),
        OptionalInt.of(BlockChecksum.crc32c(block)),
        encode(header, encoding, address.layer(), address.chunk(), block));
  }

  /** Makes the rows from {@code tokens} on zero. */
  private static void clear(MemorySegment block, BlockGeometry geometry, int tokens) {
    for (int head = 0; head < geometry.kvHeads(); head++) {
      for (int token = tokens; token < geometry.tokens(); token++) {
        block.asSlice(geometry.keyOffset(head, token), geometry.keyRowBytes()).fill((byte) 0);
        if (!geometry.valueIsPrefixOfKey()) {
          block.asSlice(geometry.valueOffset(head, token), geometry.valueRowBytes()).fill((byte) 0);
        }
      }
    }
  }

  static ContainerFile open(Path path) {
    try {
      ContainerOpening opening = ContainerFile.open(path);
      assertThat(opening).isInstanceOf(Opened.class);
      return ((Opened) opening).file();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ContainerFault refusal(Path path) {
    try {
      ContainerOpening opening = ContainerFile.open(path);
      assertThat(opening).isInstanceOf(ContainerOpening.Refused.class);
      return ((ContainerOpening.Refused) opening).fault();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
