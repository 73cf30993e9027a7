package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerRefusalTest {
  @TempDir Path folder;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final ContainerHeader header =
      ContainerHeader.of(Containers.shape(Dtype.F16), 32, 40).alignedTo(64).from(7);
  private byte[] sound = {};

  @BeforeEach
  void writeASmallContainer() throws IOException {
    Path path = folder.resolve("sound.varve");
    try (ContainerWriter writer =
        ContainerWriter.create(path, header, Existing.REFUSE, Backend.SCALAR)) {
      Containers.appendAll(writer, header, "int4", 0);
      writer.appendTables(3, MemorySegment.ofArray(new byte[100]));
      Attachment attachment = new Attachment("tokens", "I32", List.of(10L), 40);
      writer.attach(attachment, AttachmentSource.of(MemorySegment.ofArray(new byte[40])));
      writer.commit();
    }
    sound = Files.readAllBytes(path);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("changed.varve"), bytes);
  }

  private ContainerFault refusal(byte[] bytes) throws IOException {
    return Containers.refusal(file(bytes));
  }

  /** The container after a change under right checksums. */
  private byte[] changed(Consumer<MemorySegment> change) {
    byte[] bytes = sound.clone();
    change.accept(MemorySegment.ofArray(bytes));
    Resealing.container(MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void saysThatSomethingElseIsNoContainer() throws IOException {
    ContainerFault fault =
        refusal(
            "PK\003\004 and so on, longer than a header"
                .repeat(9)
                .getBytes(StandardCharsets.ISO_8859_1));
    assertThat(fault.kind()).isEqualTo(FaultKind.BAD_MAGIC);
    assertThat(fault.reason()).contains("changed.varve").contains("no .varve file");
    assertThat(refusal("short".getBytes(StandardCharsets.US_ASCII)).kind())
        .isEqualTo(FaultKind.BAD_MAGIC);
  }

  @Test
  void saysThatAFileIsNotThereOrAFolder() {
    assertThatThrownBy(() -> ContainerFile.open(folder.resolve("absent")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> ContainerFile.open(folder)).hasMessageContaining("is no file");
  }

  @Test
  void refusesAFutureVersion() throws IOException {
    byte[] future =
        changed(file -> file.set(Layouts.SHORT, FileHeaderDescriptor.MAJOR_OFFSET, (short) 2));
    ContainerFault fault = refusal(future);
    assertThat(fault.kind()).isEqualTo(FaultKind.UNSUPPORTED_VERSION);
    assertThat(fault.reason()).contains("version 2.1").contains("version 1");
  }

  @Test
  void readsAFutureMinorVersionAndPassesOverFlagsThatNeedNotBeKnown() throws IOException {
    byte[] future =
        changed(file -> {
          file.set(Layouts.SHORT, FileHeaderDescriptor.MINOR_OFFSET, (short) 9);
          file.set(Layouts.LONG, FileHeaderDescriptor.FLAGS_OFFSET, 1L << 32);
        });
    try (ContainerFile file = Containers.open(file(future))) {
      assertThat(file.header()).isEqualTo(header);
    }
  }

  @Test
  void refusesAnUnknownCriticalFlag() throws IOException {
    byte[] flagged =
        changed(file -> file.set(Layouts.LONG, FileHeaderDescriptor.FLAGS_OFFSET, 1L << 31));
    ContainerFault fault = refusal(flagged);
    assertThat(fault.kind()).isEqualTo(FaultKind.UNKNOWN_CRITICAL_FLAG);
    assertThat(fault.reason()).contains("0x80000000");
  }

  /** The position base becomes metadata of a type that does not exist. */
  private byte[] withMetadataOfType(int type, boolean critical) {
    return changed(file -> {
      long layers = Tlv.FRONT + 3L * LayerDescriptor.LENGTH;
      long at = FileHeaderDescriptor.LENGTH + layers;
      assertThat(file.get(Layouts.SHORT, at)).isEqualTo((short) MetadataTypes.POSITION_BASE);
      file.set(Layouts.SHORT, at, (short) type);
      file.set(Layouts.SHORT, at + 2, (short) (critical ? 1 : 0));
    });
  }

  @Test
  void passesOverUnknownMetadataUnlessTheyAreCritical() throws IOException {
    try (ContainerFile file = Containers.open(file(withMetadataOfType(999, false)))) {
      assertThat(file.header()).isEqualTo(header.from(0));
    }
    ContainerFault fault = refusal(withMetadataOfType(999, true));
    assertThat(fault.kind()).isEqualTo(FaultKind.UNKNOWN_CRITICAL_FLAG);
    assertThat(fault.reason()).contains("999");
  }

  @Test
  void namesTheMissingEndOfAFileThatWasCutOff() throws IOException {
    ContainerFault fault = refusal(Arrays.copyOf(sound, sound.length - 1));
    assertThat(fault.kind()).isEqualTo(FaultKind.TRUNCATED_INPUT);
    assertThat(fault.reason()).contains("the footer is missing, and with it the index");
    for (int length = 0; length < sound.length; length += 1 + random.nextInt(97)) {
      assertThat(refusal(Arrays.copyOf(sound, length)).kind())
          .as("%d bytes, seed %d", length, seed)
          .isEqualTo(FaultKind.TRUNCATED_INPUT);
    }
  }

  @Test
  void refusesBytesBehindTheEnd() throws IOException {
    assertThat(refusal(Arrays.copyOf(sound, sound.length + 1)).kind())
        .isEqualTo(FaultKind.TRUNCATED_INPUT);
  }

  @Test
  void refusesTheFooterOfAnotherFile() throws IOException {
    byte[] bytes = sound.clone();
    MemorySegment file = MemorySegment.ofArray(bytes);
    file.set(Layouts.LONG, FileHeaderDescriptor.CREATED_OFFSET, 1);
    MemorySegment front = file.asSlice(0, FileHeaderDescriptor.CRC_OFFSET);
    file.set(
        Layouts.INT, FileHeaderDescriptor.CRC_OFFSET, dev.varve.store.BlockChecksum.crc32c(front));
    assertThat(refusal(bytes).reason()).contains("another file");
  }

  /** Every byte belongs to something that is checked: at the opening, or by verify. */
  @Test
  void noticesEveryFlippedByte() throws IOException {
    Path path = folder.resolve("flipped.varve");
    for (int at = 0; at < sound.length; at++) {
      byte[] bytes = sound.clone();
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(path, bytes);
      switch (ContainerFile.open(path)) {
        case ContainerOpening.Refused(ContainerFault fault) ->
            assertThat(fault.reason()).contains("flipped.varve");
        case ContainerOpening.Opened(ContainerFile file) -> {
          try (file) {
            assertThat(file.verify(_ -> {})).as("byte %d, seed %d", at, seed).hasSize(1);
          }
        }
      }
    }
  }

  @Test
  void namesEachDamagedBlockAndGivesBackTheOthers() throws IOException {
    byte[] bytes = sound.clone();
    List<BlockEntry> blocks;
    try (ContainerFile file = Containers.open(file(sound))) {
      blocks = file.blocks();
      bytes[(int) blocks.get(1).offset() + 100] ^= 1;
      bytes[(int) blocks.get(2).offset() + 20] ^= 1;
    }
    try (ContainerFile file = Containers.open(file(bytes))) {
      List<ContainerFault> faults = file.verify(_ -> {});
      assertThat(faults).hasSize(2);
      assertThat(faults.get(0).kind()).isEqualTo(FaultKind.CHECKSUM_MISMATCH);
      assertThat(faults.get(0).reason()).contains("layer 0, chunk 1, level 0").contains("payload");
      assertThat(faults.get(1).reason()).contains("layer 2, chunk 0, level 0");
      assertThat(file.payload(blocks.get(1))).isInstanceOf(PayloadReading.Refused.class);
      assertThat(file.payload(blocks.get(3))).isInstanceOf(PayloadReading.Sound.class);
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      MemorySegment block = Arena.ofAuto().allocate(header.geometry(0).bytes());
      assertThat(decoder.decode(blocks.get(0), block)).isEqualTo(new ContainerReading.Read());
      assertThat(decoder.decode(blocks.get(1), block))
          .isEqualTo(new ContainerReading.Refused(faults.get(0)));
    }
  }

  @Test
  void refusesAShapeThatDisagreesWithTheSize() throws IOException {
    List<Consumer<MemorySegment>> lies =
        List.of(
            file -> file.set(Layouts.LONG, FileHeaderDescriptor.TOKENS_OFFSET, Long.MAX_VALUE),
            file -> file.set(Layouts.LONG, FileHeaderDescriptor.TOKENS_OFFSET, 41),
            file -> file.set(Layouts.INT, FileHeaderDescriptor.CHUNK_TOKENS_OFFSET, 0),
            file -> file.set(Layouts.INT, FileHeaderDescriptor.CHUNK_TOKENS_OFFSET, 33),
            file -> file.set(Layouts.SHORT, FileHeaderDescriptor.LAYERS_OFFSET, (short) 2),
            file -> file.set(Layouts.BYTE, FileHeaderDescriptor.DTYPE_OFFSET, (byte) 3),
            file -> file.set(Layouts.BYTE, FileHeaderDescriptor.ALIGNMENT_OFFSET, (byte) 31),
            file -> file.set(Layouts.BYTE, FileHeaderDescriptor.ALIGNMENT_OFFSET, (byte) 12),
            file -> file.set(Layouts.INT, 64 + 8 + LayerDescriptor.KV_HEADS_OFFSET, 0),
            file -> file.set(Layouts.INT, 64 + 8 + LayerDescriptor.KEY_DIM_OFFSET, 1 << 20),
            file -> file.set(Layouts.FLOAT, 64 + 8 + LayerDescriptor.SCALE_OFFSET, Float.NaN),
            file -> file.set(Layouts.BYTE, 64 + 8 + LayerDescriptor.SCALING_OFFSET, (byte) 9),
            file -> file.set(Layouts.INT, 64 + 4, -1),
            file -> file.set(Layouts.LONG, file.byteSize() - 64 + 16, Long.MAX_VALUE),
            file -> file.set(Layouts.LONG, file.byteSize() - 64 + 8, -8));
    for (int i = 0; i < lies.size(); i++) {
      ContainerFault fault = refusal(changed(lies.get(i)));
      assertThat(fault.kind()).as("lie %d: %s", i, fault).isEqualTo(FaultKind.CORRUPT_PAYLOAD);
    }
  }

  @Test
  void refusesAnEncodingThatItDoesNotKnow() throws IOException {
    byte[] unknown =
        changed(file -> {
          long index = file.get(Layouts.LONG, file.byteSize() - 64 + 8);
          file.set(Layouts.SHORT, index + EntryDescriptor.ENCODING_OFFSET, (short) 0xeeee);
        });
    try (ContainerFile file = Containers.open(file(unknown))) {
      assertThat(file.verify(_ -> {})).isEmpty();
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      MemorySegment block = Arena.ofAuto().allocate(header.geometry(0).bytes());
      ContainerFault fault =
          ((ContainerReading.Refused) decoder.decode(file.blocks().getFirst(), block)).fault();
      assertThat(fault.kind()).isEqualTo(FaultKind.UNSUPPORTED_VERSION);
      assertThat(fault.reason()).contains("0xee").contains("layer 0, chunk 0");
    }
  }

  @Test
  void handsOutNothingAfterItIsClosed() throws IOException {
    ContainerFile file = Containers.open(file(sound));
    MemorySegment payload = ((PayloadReading.Sound) file.payload(file.blocks().get(0))).bytes();
    assertThatThrownBy(() -> payload.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
        .as("read-only")
        .isInstanceOf(RuntimeException.class);
    file.close();
    assertThatThrownBy(() -> payload.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(Encodings.name(file.blocks().get(0).info().encoding())).isEqualTo("int4");
  }
}
