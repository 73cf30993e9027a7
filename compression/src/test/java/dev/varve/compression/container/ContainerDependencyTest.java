package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that are predicted from those of earlier layers, however they are asked for. */
class ContainerDependencyTest {
  @TempDir Path folder;

  private final ContainerHeader header = DependentContainers.header();
  private final BlockGeometry geometry = header.geometry(0);

  private Path sound() {
    return written(DependentContainers.Change.NONE, -1, true);
  }

  private Path written(DependentContainers.Change change, int skipped, boolean tables) {
    Path path = folder.resolve("c.varve");
    DependentContainers.write(path, change, skipped, tables);
    return path;
  }

  private static ContainerDecoder decoder(ContainerFile file) {
    return new ContainerDecoder(file, CodecSource.of(Backend.VECTOR));
  }

  private MemorySegment room() {
    return Arena.ofAuto().allocate(geometry.bytes());
  }

  private static BlockEntry entry(ContainerFile file, int layer, int chunk) {
    return file.find(BlockAddress.of(layer, chunk)).orElseThrow();
  }

  private static ContainerFault fault(ContainerReading reading) {
    assertThat(reading).isInstanceOf(ContainerReading.Refused.class);
    return ((ContainerReading.Refused) reading).fault();
  }

  @Test
  void decodesAnyLayerAloneAndInAnyOrder() {
    try (ContainerFile file = Containers.open(sound())) {
      for (int chunk = 0; chunk < header.chunks(); chunk++) {
        List<MemorySegment> expected = DependentContainers.decoded(file, chunk);
        for (int[] order : new int[][] {{3}, {2, 1}, {0, 1, 2, 3}, {3, 0, 3, 1}}) {
          ContainerDecoder decoder = decoder(file);
          for (int layer : order) {
            MemorySegment block = room();
            assertThat(decoder.decode(entry(file, layer, chunk), block))
                .isEqualTo(new ContainerReading.Read());
            assertThat(block.mismatch(expected.get(layer)))
                .as("layer %d of chunk %d", layer, chunk)
                .isEqualTo(-1);
          }
        }
      }
    }
  }

  @Test
  void decodesOneSectionAndLeavesTheRestUntouched() {
    try (ContainerFile file = Containers.open(sound())) {
      MemorySegment expected = DependentContainers.decoded(file, 1).get(2);
      MemorySegment block = room();
      block.fill((byte) 7);
      assertThat(decoder(file).decode(entry(file, 2, 1), Section.VALUES, block))
          .isEqualTo(new ContainerReading.Read());
      int tokens = header.tokensOf(1);
      for (int head = 0; head < 2; head++) {
        for (int token = 0; token < geometry.tokens(); token++) {
          long at = geometry.valueOffset(head, token);
          byte first = block.get(ValueLayout.JAVA_BYTE, at);
          if (token < tokens) {
            assertThat(block.asSlice(at, 32).mismatch(expected.asSlice(at, 32))).isEqualTo(-1);
          } else {
            assertThat(first).isEqualTo((byte) 7);
          }
          assertThat(block.get(ValueLayout.JAVA_BYTE, geometry.keyOffset(head, token)))
              .isEqualTo((byte) 7);
        }
      }
    }
  }

  @Test
  void readsOneHeadOfOneLayer() {
    try (ContainerFile file = Containers.open(sound())) {
      RowSelection selection = new RowSelection(3, Section.KEYS, 0, 2, 1, 1, 0);
      MemorySegment rows = Arena.ofAuto().allocate(DependentContainers.TOKENS * 32L);
      assertThat(decoder(file).read(selection, rows)).isEqualTo(new ContainerReading.Read());
      long at = 0;
      for (int chunk = 0; chunk < 2; chunk++) {
        MemorySegment block = DependentContainers.decoded(file, chunk).get(3);
        long bytes = header.tokensOf(chunk) * 32L;
        assertThat(rows.asSlice(at, bytes).mismatch(block.asSlice(geometry.keyOffset(1, 0), bytes)))
            .isEqualTo(-1);
        at += bytes;
      }
    }
  }

  @Test
  void saysWhichBlockIsNotThere() {
    try (ContainerFile file = Containers.open(written(info -> info, 1, true))) {
      MemorySegment block = room();
      ContainerDecoder decoder = decoder(file);
      assertThat(decoder.decode(entry(file, 0, 0), block)).isEqualTo(new ContainerReading.Read());
      ContainerFault fault = fault(decoder.decode(entry(file, 3, 1), block));
      assertThat(fault.kind()).isEqualTo(FaultKind.TRUNCATED_INPUT);
      assertThat(fault.reason())
          .contains(
              "layer 3, chunk 1, level 0",
              "depends on the block of layer 1, chunk 1, level 0, which is not there");
    }
  }

  @Test
  void saysWhichTablesAreNotThere() {
    try (ContainerFile file = Containers.open(written(info -> info, -1, false))) {
      ContainerFault fault = fault(decoder(file).decode(entry(file, 2, 0), room()));
      assertThat(fault.kind()).isEqualTo(FaultKind.TABLE_MISSING);
    }
    DependentContainers.Change none =
        info -> new BlockInfo(info.address(), info.encoding(), info.tokens(), info.dependsOn(), 0);
    try (ContainerFile file = Containers.open(written(none, -1, true))) {
      ContainerFault fault = fault(decoder(file).decode(entry(file, 1, 0), room()));
      assertThat(fault.kind()).isEqualTo(FaultKind.TABLE_MISSING);
      assertThat(fault.reason()).contains("aquakv2 needs the table key_predictor");
    }
  }

  @Test
  void refusesBlocksWhoseDependencesAreNotThoseOfTheirEncoding() {
    DependentContainers.Change loose =
        info ->
            new BlockInfo(
                info.address(),
                info.encoding(),
                info.tokens(),
                OptionalInt.empty(),
                info.tableSet());
    try (ContainerFile file = Containers.open(written(loose, -1, true))) {
      ContainerFault fault = fault(decoder(file).decode(entry(file, 1, 0), room()));
      assertThat(fault.kind()).isEqualTo(FaultKind.CORRUPT_PAYLOAD);
      assertThat(fault.reason()).contains("names no layer as what it depends on");
    }
    DependentContainers.Change raw =
        info ->
            new BlockInfo(
                info.address(),
                Encodings.parse("int8"),
                info.tokens(),
                info.dependsOn(),
                info.tableSet());
    try (ContainerFile file = Containers.open(written(raw, -1, true))) {
      ContainerFault fault = fault(decoder(file).decode(entry(file, 1, 0), room()));
      assertThat(fault.kind()).isEqualTo(FaultKind.CORRUPT_PAYLOAD);
      assertThat(fault.reason()).contains("names layer 0 as what it depends on");
    }
  }

  /** Only earlier layers can be named, so that there is no circle. */
  @Test
  void refusesALayerThatDependsOnItselfOrALaterOne() throws IOException {
    assertThatThrownBy(() ->
            new BlockInfo(
                BlockAddress.of(2, 0), Encodings.parse("aquakv2"), 64, OptionalInt.of(2), 2))
        .hasMessageContaining("cannot depend on layer 2: it must be an earlier one");
    Path path = sound();
    for (short layer : new short[] {2, 3}) {
      byte[] bytes = Files.readAllBytes(path);
      MemorySegment file = MemorySegment.ofArray(bytes);
      long index = file.get(Layouts.LONG, file.byteSize() - 64 + 8);
      long third = index + 4L * EntryDescriptor.LENGTH;
      assertThat(file.get(Layouts.SHORT, third + EntryDescriptor.GROUP_OFFSET))
          .isEqualTo((short) 2);
      file.set(Layouts.SHORT, third + EntryDescriptor.DEPENDS_OFFSET, layer);
      Resealing.container(file);
      ContainerFault fault = Containers.refusal(Files.write(folder.resolve("forged"), bytes));
      assertThat(fault.kind()).isEqualTo(FaultKind.CORRUPT_PAYLOAD);
      assertThat(fault.reason()).contains("a block of layer 2 cannot depend on layer " + layer);
    }
  }

  @Test
  void namesTheDamagedBlockThatAnotherNeeds() throws IOException {
    Path path = sound();
    byte[] bytes = Files.readAllBytes(path);
    try (ContainerFile file = Containers.open(path)) {
      bytes[(int) entry(file, 1, 0).offset() + 100] ^= 1;
    }
    Path damaged = Files.write(folder.resolve("damaged"), bytes);
    try (ContainerFile file = Containers.open(damaged)) {
      ContainerDecoder decoder = decoder(file);
      MemorySegment block = room();
      ContainerFault fault = fault(decoder.decode(entry(file, 3, 0), block));
      assertThat(fault.kind()).isEqualTo(FaultKind.CHECKSUM_MISMATCH);
      assertThat(fault.reason()).contains("layer 3, chunk 0", "layer 1, chunk 0");
      assertThat(decoder.decode(entry(file, 3, 1), block)).isEqualTo(new ContainerReading.Read());
    }
  }

  @Test
  void keepsTheLastUsedBlocksWithinItsLimit() {
    DecodedBlocks blocks = new DecodedBlocks();
    long size = 12L << 20;
    for (int chunk = 0; chunk < 4; chunk++) {
      blocks.keep(BlockAddress.of(0, chunk), blocks.room(size));
      assertThat(blocks.find(BlockAddress.of(0, chunk))).isPresent();
    }
    assertThat(blocks.find(BlockAddress.of(0, 0))).isEmpty();
    assertThat(blocks.find(BlockAddress.of(0, 2))).isPresent();
    MemorySegment large = blocks.room(64L << 20);
    assertThat(blocks.find(BlockAddress.of(0, 2))).as("the last used one stays").isPresent();
    assertThat(large.byteSize()).isEqualTo(64L << 20);
  }
}
