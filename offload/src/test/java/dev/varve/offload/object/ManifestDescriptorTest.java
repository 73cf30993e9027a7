package dev.varve.offload.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ManifestDescriptorTest {

  private static final byte[] KEY = "a@b".getBytes(StandardCharsets.US_ASCII);
  private static final ObjectName NAME = ObjectName.of(Tenant.NONE, KEY);
  private static final Digest256 GROUP = new Digest256(1, 2, 3, 4);

  @Test
  void writesTheSpecifiedBytes() {
    List<Extent> extents = List.of(new Extent(-2, 0, 1 << 20), new Extent(5, 1, 3));
    assertThat(hex(manifest(7, ObjectInfo.NEVER, Optional.empty(), extents)))
        .isEqualTo(
            "5652564f"
                + "01000000"
                + "ffffffffffffff7f"
                + "0700000000000000"
                + "03000000"
                + "02000000"
                + "00".repeat(32)
                + "feffffffffffffff0000000000001000"
                + "05000000000000000100000003000000"
                + "614062");
    assertThat(hex(manifest(8, 256, Optional.of(GROUP), List.of())))
        .isEqualTo(
            "5652564f"
                + "01000100"
                + "0001000000000000"
                + "0800000000000000"
                + "03000000"
                + "00000000"
                + "0000000000000001000000000000000200000000000000030000000000000004"
                + "614062");
  }

  @Test
  void readsBackWhatItWrote() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      byte[] key = new byte[random.nextInt(200)];
      random.nextBytes(key);
      ObjectName name = ObjectName.of(new Tenant(random.nextLong(), 1), key);
      List<Extent> extents = new ArrayList<>();
      for (int i = random.nextInt(5); i > 0; i--) {
        extents.add(new Extent(random.nextLong(), i, random.nextInt(1, Extent.MAX_BYTES + 1)));
      }
      ObjectManifest manifest =
          new ObjectManifest(
              name,
              ByteBuffer.wrap(key),
              random.nextLong(Long.MAX_VALUE),
              random.nextLong(),
              random.nextBoolean() ? Optional.of(GROUP) : Optional.empty(),
              extents);
      assertThat(ManifestDescriptor.read(MemorySegment.ofArray(bytes(manifest)), manifest.chunk()))
          .as("seed %d", seed)
          .isEqualTo(new ManifestReading.Sound(manifest));
    }
  }

  @Test
  void refusesWhatIsNoManifestOfThisChunk() {
    ObjectManifest manifest = manifest(7, 1, Optional.empty(), List.of(new Extent(7, 0, 10)));
    byte[] sound = bytes(manifest);
    ChunkKey chunk = manifest.chunk();
    assertThat(reason(sound, NAME.manifest(8))).contains("version 7");
    assertThat(reason(sound, ObjectName.of(Tenant.NONE, new byte[1]).manifest(7)))
        .contains("another");
    assertThat(reason(new byte[63], chunk)).contains("63 bytes");
    assertThat(reason(new byte[70], chunk)).contains("begins with 0x00000000");
    assertThat(reason(Arrays.copyOf(sound, sound.length + 1), chunk))
        .contains((sound.length + 1) + " bytes");
    byte[] flagged = sound.clone();
    flagged[ManifestDescriptor.FLAGS_OFFSET] = 2;
    assertThat(reason(flagged, chunk)).contains("flags");
  }

  @Test
  void isTotalWhateverTheBytesAre() {
    ObjectManifest manifest =
        manifest(7, 1, Optional.of(GROUP), List.of(new Extent(7, 0, 10), new Extent(7, 1, 20)));
    byte[] sound = bytes(manifest);
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (int at = 0; at < sound.length; at++) {
      for (int round = 0; round < 8; round++) {
        byte[] bytes = sound.clone();
        bytes[at] ^= (byte) random.nextInt(1, 256);
        switch (ManifestDescriptor.read(MemorySegment.ofArray(bytes), manifest.chunk())) {
          case ManifestReading.Refused(String reason) -> {
            assertThat(reason).as("seed %d", seed).isNotEmpty();
            refused++;
          }
          case ManifestReading.Sound(ObjectManifest read) ->
              assertThat(read.key()).as("seed %d", seed).isEqualTo(ByteBuffer.wrap(KEY));
        }
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void boundsWhatAnObjectMayBe() {
    assertThatThrownBy(() -> new Extent(0, 0, Extent.MAX_BYTES + 1))
        .hasMessageContaining("1048577");
    assertThatThrownBy(() -> new Extent(0, 0, 0)).hasMessageContaining("extent bytes");
    List<Extent> large = Collections.nCopies(1025, new Extent(1, 1, 1 << 20));
    assertThatThrownBy(() -> manifest(1, 1, Optional.empty(), large))
        .hasMessageContaining("1074790400 bytes is above the limit of 1073741824");
    List<Extent> many = Collections.nCopies(ObjectManifest.MAX_EXTENTS + 1, new Extent(1, 1, 1));
    assertThatThrownBy(() -> manifest(1, 1, Optional.empty(), many)).hasMessageContaining("16385");
    assertThatThrownBy(() -> ObjectName.of(Tenant.NONE, new byte[65537]))
        .hasMessageContaining("65537 bytes, at most 65536");
  }

  private static String reason(byte[] bytes, ChunkKey chunk) {
    return switch (ManifestDescriptor.read(MemorySegment.ofArray(bytes), chunk)) {
      case ManifestReading.Refused(String reason) -> reason;
      case ManifestReading.Sound(ObjectManifest manifest) ->
          throw new AssertionError("read as " + manifest);
    };
  }

  private static ObjectManifest manifest(
      long version, long end, Optional<Digest256> group, List<Extent> extents) {
    return new ObjectManifest(NAME, ByteBuffer.wrap(KEY), version, end, group, extents);
  }

  private static String hex(ObjectManifest manifest) {
    return HexFormat.of().formatHex(bytes(manifest));
  }

  private static byte[] bytes(ObjectManifest manifest) {
    MemorySegment segment = MemorySegment.ofArray(new byte[ManifestDescriptor.length(manifest)]);
    ManifestDescriptor.write(manifest, segment);
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }
}
