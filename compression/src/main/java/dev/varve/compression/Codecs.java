package dev.varve.compression;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;

/** Opens codecs. */
public final class Codecs {
  private Codecs() {}

  /**
   * A codec of {@code encoding} for blocks of {@code geometry}.
   *
   * @param rope how the keys are turned
   * @throws IllegalArgumentException if this program does not know the encoding, or the encoding
   *     cannot write this geometry: says which group does not divide what
   */
  public static BlockCodec open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Backend backend) {
    if (encoding.equals(Encoding.RAW)) {
      return new RawCodec(geometry);
    }
    return new FramedCodec(
        format(encoding, encoding.keyFormat(), "keys"),
        format(encoding, encoding.valueFormat(), "values"),
        geometry,
        rope,
        backend);
  }

  static SectionFormat format(Encoding encoding, int number, String what) {
    return SectionFormats.of(number)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s writes its %s in format 0x%02x, which this program does not know"
                    .formatted(encoding, what, number)));
  }
}
