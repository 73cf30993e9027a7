package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.store.BlockChecksum;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers go on with whole blocks of a stopped one, and the file is as if it had not stopped. */
class ContainerResumeTest {
  private static final String CODEC = "int8";

  /** Alignment of these files: small, so that they can be cut at every byte. */
  private static final int ALIGNMENT = 64;

  @TempDir Path folder;

  private final ContainerHeader header = Containers.header(Dtype.F16).alignedTo(ALIGNMENT);
  private byte[] whole = {};
  private List<BlockEntry> blocks = List.of();

  private Path target() {
    return folder.resolve("context.varve");
  }

  private Path partial() {
    return folder.resolve("context.varve.partial");
  }

  private ContainerWriter resume() throws IOException {
    return ContainerWriter.resume(target(), header, Existing.REPLACE, Backend.SCALAR);
  }

  private static List<BlockAddress> kept(ContainerWriter writer) {
    List<BlockAddress> found = new ArrayList<>();
    for (int layer : new int[] {0, 2}) {
      for (int chunk = 0; chunk < 3; chunk++) {
        BlockAddress address = BlockAddress.of(layer, chunk);
        writer.kept(address).ifPresent(_ -> found.add(address));
      }
    }
    return found;
  }

  /** Goes on and ends; returns the blocks that were there already. */
  private List<BlockAddress> goOn() throws IOException {
    try (ContainerWriter writer = resume()) {
      List<BlockAddress> there = kept(writer);
      Containers.appendMissing(writer, header, CODEC);
      writer.commit();
      return there;
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @BeforeEach
  void writesOneThatIsNotStopped() throws IOException {
    assertThat(goOn()).isEmpty();
    whole = Files.readAllBytes(target());
    try (ContainerFile file = Containers.open(target())) {
      blocks = file.blocks();
    }
    Files.delete(target());
  }

  /** Addresses of the blocks that end before {@code length}. */
  private List<BlockAddress> before(long length) {
    return blocks.stream()
        .filter(block -> block.offset() + RecordDescriptor.HEADER_LENGTH + block.bytes() <= length)
        .map(BlockEntry::address)
        .toList();
  }

  @Test
  void goesOnFromEveryLength() throws IOException {
    for (int length = 0; length <= whole.length; length += 37) {
      Files.write(partial(), Arrays.copyOf(whole, length));
      assertThat(goOn()).as("cut at %d", length).isEqualTo(before(length));
      assertThat(Files.readAllBytes(target())).as("cut at %d", length).isEqualTo(whole);
      assertThat(names()).containsExactly("context.varve");
    }
  }

  @Test
  void dropsWhatIsDamagedAndAllBehindIt() throws IOException {
    long first = blocks.getFirst().offset();
    for (int at = 0; at < whole.length; at += 53) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(partial(), damaged);
      int from = at;
      List<BlockAddress> sound = at < first ? List.of() : before(from);
      assertThat(goOn()).as("damaged at %d", at).isEqualTo(sound);
      assertThat(Files.readAllBytes(target())).as("damaged at %d", at).isEqualTo(whole);
    }
  }

  @Test
  void handsOutTheBytesAndWhatTheyWereMadeFrom() throws IOException {
    Files.write(partial(), Arrays.copyOf(whole, whole.length / 2));
    try (ContainerWriter writer = resume()) {
      BlockEntry entry = blocks.getFirst();
      KeptBlock there = writer.kept(entry.address()).orElseThrow();
      MemorySegment block = Containers.block(header, 0, 0);
      assertThat(there.info()).isEqualTo(entry.info());
      assertThat(there.originalCrc()).isEqualTo(BlockChecksum.crc32c(block));
      int from = Math.toIntExact(entry.offset()) + RecordDescriptor.HEADER_LENGTH;
      assertThat(there.payload().toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(Arrays.copyOfRange(whole, from, from + (int) entry.bytes()));
      assertThatThrownBy(() -> Containers.append(writer, header, CODEC, entry.address()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is there already");
    }
    assertThat(names()).as("closed without a commit").isEmpty();
  }

  @Test
  void beginsAnewUnderAnotherHeader() throws IOException {
    Files.write(partial(), whole);
    ContainerHeader other = header.from(7);
    try (ContainerWriter writer =
        ContainerWriter.resume(target(), other, Existing.REFUSE, Backend.SCALAR)) {
      assertThat(kept(writer)).isEmpty();
      Containers.appendMissing(writer, other, CODEC);
      writer.commit();
    }
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.verify(_ -> {})).isEmpty();
      assertThat(file.header()).isEqualTo(other);
    }
  }

  @Test
  void doesNotTrustBlocksThatDoNotTellWhatTheyWereMadeFrom() throws IOException {
    try (ContainerWriter writer = resume()) {
      Containers.append(writer, header, CODEC, BlockAddress.of(2, 0));
      Encoding encoding = Encodings.parse(CODEC);
      MemorySegment block = Containers.block(header, 0, 0);
      writer.append(
          BlockAddress.of(0, 0), encoding, 64, Containers.encode(header, encoding, 0, 0, block));
      Containers.append(writer, header, CODEC, BlockAddress.of(0, 1));
      assertThat(writer.keep()).isEqualTo(partial());
    }
    try (ContainerWriter writer = resume()) {
      assertThat(kept(writer)).containsExactly(BlockAddress.of(2, 0));
    }
  }

  @Test
  void isKeptWhereItIsTold() throws IOException {
    try (ContainerWriter writer = resume()) {
      Containers.append(writer, header, CODEC, BlockAddress.of(0, 0));
      assertThat(writer.keep()).isEqualTo(partial());
      assertThatThrownBy(() -> Containers.append(writer, header, CODEC, BlockAddress.of(0, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("kept");
    }
    assertThat(names()).containsExactly("context.varve.partial");
    assertThat(goOn()).containsExactly(BlockAddress.of(0, 0));
    assertThat(Files.readAllBytes(target())).isEqualTo(whole);
  }

  @Test
  void leavesTheFileOfAWriterThatIsAtWorkAlone() throws IOException {
    try (ContainerWriter other = resume()) {
      Containers.append(other, header, CODEC, BlockAddress.of(2, 0));
      assertThat(goOn()).isEmpty();
      assertThat(Files.readAllBytes(target())).isEqualTo(whole);
      assertThat(names()).containsExactly("context.varve", "context.varve.partial");
      other.commit();
    }
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.blocks()).hasSize(1);
    }
    assertThat(names()).containsExactly("context.varve");
  }

  @Test
  void refusesAFileThatIsThere() throws IOException {
    Files.write(partial(), whole);
    Files.writeString(target(), "precious");
    assertThatThrownBy(
            () -> ContainerWriter.resume(target(), header, Existing.REFUSE, Backend.SCALAR))
        .hasMessageContaining("there already");
    assertThat(target()).hasContent("precious");
    assertThat(Files.readAllBytes(partial())).isEqualTo(whole);
  }
}
