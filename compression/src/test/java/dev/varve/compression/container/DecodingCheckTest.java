package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.Encodings;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodingCheckTest {
  @TempDir Path folder;

  private final ContainerHeader header = Containers.header(Dtype.BF16);

  private ContainerWriter writer() throws IOException {
    Path path = folder.resolve("context.varve");
    return ContainerWriter.create(path, header, Existing.REFUSE, Backend.SCALAR);
  }

  private DecodingCheck.Finding check(List<Long> progress) {
    try (ContainerFile file = Containers.open(folder.resolve("context.varve"))) {
      assertThat(file.verify(_ -> {})).isEmpty();
      return new DecodingCheck(file, CodecSource.of(Backend.SCALAR)).run(progress::add);
    }
  }

  @ParameterizedTest
  @CsvSource({"raw, 6", "lossless, 6", "int8, 0"})
  void comparesExactBlocksWithWhatTheyWereMadeFrom(String codec, int compared) throws IOException {
    try (ContainerWriter writer = writer()) {
      Containers.appendMissing(writer, header, codec);
      writer.commit();
    }
    List<Long> progress = new ArrayList<>();
    DecodingCheck.Finding found = check(progress);
    assertThat(found.faults()).isEmpty();
    assertThat(found.compared()).isEqualTo(compared);
    assertThat(progress).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void comparesNothingWhereTheFileDoesNotTell() throws IOException {
    try (ContainerWriter writer = writer()) {
      Containers.appendAll(writer, header, "lossless", 0);
      writer.commit();
    }
    assertThat(check(new ArrayList<>())).isEqualTo(new DecodingCheck.Finding(0, List.of()));
  }

  /** As if the encoder had made a mistake, which no checksum of the file shows. */
  @Test
  void namesABlockThatIsNotWhatItWasMadeFrom() throws IOException {
    Encoding encoding = Encodings.parse("lossless");
    MemorySegment block = Containers.block(header, 0, 1);
    try (ContainerWriter writer = writer()) {
      Containers.append(writer, header, "lossless", BlockAddress.of(0, 0));
      writer.append(
          BlockInfo.of(BlockAddress.of(0, 1), encoding, 64),
          OptionalInt.of(7),
          Containers.encode(header, encoding, 0, 1, block));
      writer.commit();
    }
    DecodingCheck.Finding found = check(new ArrayList<>());
    assertThat(found.compared()).isEqualTo(2);
    assertThat(found.faults()).hasSize(1);
    assertThat(found.faults().getFirst().kind()).isEqualTo(FaultKind.CHECKSUM_MISMATCH);
    assertThat(found.faults().getFirst().reason())
        .contains("layer 0, chunk 1, level 0", "that of what it was made from 0x00000007");
  }

  /** The checksums are right and the payload is no frame. */
  @Test
  void namesABlockThatCannotBeDecoded() throws IOException {
    try (ContainerWriter writer = writer()) {
      MemorySegment payload = MemorySegment.ofArray(new byte[300]);
      writer.append(BlockAddress.of(0, 0), Encodings.parse("int4"), 64, payload);
      Containers.append(writer, header, "int4", BlockAddress.of(0, 1));
      writer.commit();
    }
    assertThat(check(new ArrayList<>()).faults())
        .singleElement()
        .extracting(ContainerFault::reason)
        .asString()
        .contains("layer 0, chunk 0");
  }
}
