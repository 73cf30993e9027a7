package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import java.lang.foreign.MemorySegment;

/** What a caller of a {@link BlockCodec} has to bring. */
final class CodecChecks {
  private CodecChecks() {}

  static void encodable(
      BlockGeometry geometry, MemorySegment block, int tokens, long bytes, MemorySegment target) {
    Checks.inRange(tokens, 1, geometry.tokens(), "tokens");
    wholeBlock(geometry, block);
    if (target.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "the target has " + target.byteSize() + " bytes, encoding may take " + bytes);
    }
  }

  static void decodable(BlockGeometry geometry, Section section, MemorySegment block) {
    wholeBlock(geometry, block);
    if (section == Section.VALUES && geometry.valueIsPrefixOfKey()) {
      throw new IllegalArgumentException(
          "these blocks have no value section: values are a prefix of the keys, decode those");
    }
  }

  private static void wholeBlock(BlockGeometry geometry, MemorySegment block) {
    if (block.byteSize() < geometry.bytes()) {
      throw new IllegalArgumentException(
          "the block has " + block.byteSize() + " bytes, its geometry " + geometry.bytes());
    }
  }
}
