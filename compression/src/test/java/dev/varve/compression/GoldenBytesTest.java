package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The bytes of every format. A line of the list never changes: a format that has to be written
 * otherwise gets a new number. The exception is a writer that chooses otherwise among forms that
 * its format has, as {@code lossless} does: what it wrote before is kept in golden containers.
 */
class GoldenBytesTest {
  private static final String LIST = "golden-bytes.txt";

  @Test
  void writesTheBytesItAlwaysWrote() throws IOException, NoSuchAlgorithmException {
    StringBuilder found = new StringBuilder();
    for (SectionFormat format : SectionFormats.all()) {
      found.append(line(format)).append('\n');
    }
    assertThat(found.toString().lines().collect(Collectors.joining("\n")))
        .isEqualTo(String.join("\n", kept()));
  }

  private static String line(SectionFormat format) throws NoSuchAlgorithmException {
    Encoding encoding = Encoding.of(format.number(), format.number());
    BlockCodec codec =
        TestCodecs.open(encoding, GoldenBlock.GEOMETRY, RopeSpec.none(), Backend.SCALAR);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(128));
    Encoded encoded = (Encoded) codec.encode(GoldenBlock.make(), CodecContext.of(128), target);
    byte[] bytes = target.asSlice(0, encoded.bytes()).toArray(ValueLayout.JAVA_BYTE);
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    return "0x%02x %s %d %s"
        .formatted(
            format.number(),
            format.name(),
            bytes.length,
            HexFormat.of().formatHex(sha256.digest(bytes)));
  }

  private static List<String> kept() throws IOException {
    try (InputStream in = GoldenBytesTest.class.getResourceAsStream(LIST)) {
      assertThat(in).as(LIST).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }
}
