package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.varve.compression.Encodings;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerWriterTest {
  @TempDir Path folder;

  private final ContainerHeader header = Containers.header(Dtype.F16);

  private Path target() {
    return folder.resolve("context.varve");
  }

  private ContainerWriter create(Existing existing) throws IOException {
    return ContainerWriter.create(target(), header, existing, Backend.SCALAR);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void appearsAllAtOnce() throws IOException {
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      Containers.appendAll(writer, header, "int8", 0);
      assertThat(names()).containsExactly("context.varve.partial");
      writer.commit();
      assertThat(names()).containsExactly("context.varve");
      Files.writeString(folder.resolve("context.varve.partial"), "of the next writer");
      assertThatThrownBy(writer::commit).hasMessageContaining("is committed");
    }
    assertThat(folder.resolve("context.varve.partial")).hasContent("of the next writer");
    Files.delete(folder.resolve("context.varve.partial"));
    assertThat(names()).containsExactly("context.varve");
  }

  @Test
  void leavesNothingBehindWithoutACommit() throws IOException {
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      Containers.appendAll(writer, header, "int8", 0);
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void replacesAFileOnlyIfItIsTold() throws IOException {
    Files.writeString(target(), "precious");
    assertThatThrownBy(() -> create(Existing.REFUSE))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("context.varve")
        .hasMessageContaining("there already");
    try (ContainerWriter writer = create(Existing.REPLACE)) {
      Containers.appendAll(writer, header, "int8", 0);
      assertThat(target()).hasContent("precious");
      writer.commit();
    }
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.blocks()).hasSize(6);
    }
  }

  @Test
  void doesNotReplaceAFileThatCameMeanwhile() throws IOException {
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      Files.writeString(target(), "precious");
      assertThatThrownBy(writer::commit).isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(names()).containsExactly("context.varve");
    assertThat(target()).hasContent("precious");
  }

  @Test
  void leavesThePartialFileOfAnotherWriterAlone() throws IOException {
    try (ContainerWriter other = create(Existing.REPLACE)) {
      try (ContainerWriter writer = create(Existing.REFUSE)) {
        assertThat(names()).containsExactly("context.varve.partial", "context.varve.partial1");
        writer.commit();
      }
      assertThat(names()).containsExactly("context.varve", "context.varve.partial");
      other.commit();
    }
    assertThat(names()).containsExactly("context.varve");
  }

  @Test
  void deletesWhatAWriterLeftThatWasKilled() throws IOException {
    Files.writeString(folder.resolve("context.varve.partial"), "of a writer that was killed");
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      assertThat(names()).containsExactly("context.varve.partial");
      writer.commit();
    }
    assertThat(names()).containsExactly("context.varve");
  }

  @Test
  void leavesALinkAlone() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious"), "precious");
    Files.createSymbolicLink(folder.resolve("context.varve.partial"), precious);
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      Containers.appendAll(writer, header, "int8", 0);
      writer.commit();
    }
    assertThat(precious).hasContent("precious");
    assertThat(names()).containsExactly("context.varve", "context.varve.partial", "precious");
  }

  @Test
  void leavesAFileOfAnotherUserAlone() throws IOException {
    Path foreign = Files.writeString(folder.resolve("context.varve.partial"), "of another user");
    try {
      Files.setOwner(
          foreign,
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    } catch (IOException e) {
      abort("only root gives files away: " + e);
    }
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      Containers.appendAll(writer, header, "int8", 0);
      assertThat(names()).containsExactly("context.varve.partial", "context.varve.partial1");
      writer.commit();
    }
    assertThat(foreign).hasContent("of another user");
    assertThat(names()).containsExactly("context.varve", "context.varve.partial");
  }

  @Test
  void writersAtOnceAllWriteWholeFiles() throws Exception {
    try (ContainerWriter writer = create(Existing.REPLACE)) {
      Containers.appendAll(writer, header, "raw", 0);
      writer.commit();
    }
    byte[] whole = Files.readAllBytes(target());
    Callable<Void> work =
        () -> {
          for (int round = 0; round < 40; round++) {
            try (ContainerWriter writer = create(Existing.REPLACE)) {
              Containers.appendAll(writer, header, "raw", 0);
              writer.commit();
            }
            assertThat(Files.readAllBytes(target())).isEqualTo(whole);
          }
          return null;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Void> done : threads.invokeAll(Collections.nCopies(4, work))) {
        done.get();
      }
    }
    assertThat(names()).containsExactly("context.varve");
  }

  @Test
  void saysThatThereIsNoFolder() {
    Path absent = folder.resolve("absent").resolve("context.varve");
    assertThatThrownBy(
            () -> ContainerWriter.create(absent, header, Existing.REFUSE, Backend.SCALAR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot create")
        .hasMessageContaining("absent");
    assertThatThrownBy(
            () -> ContainerWriter.create(folder, header, Existing.REPLACE, Backend.SCALAR))
        .hasMessageContaining("is a folder");
  }

  @Test
  void saysThatTheDiskIsFullAndLeavesNothing() throws IOException {
    for (int room : new int[] {10, 5_000, 20_000, 40_000}) {
      Path path = folder.resolve("context.varve.partial");
      PartialFile file = new PartialFile(target(), path, full(path, room), Existing.REFUSE);
      assertThatThrownBy(
              () -> {
                try (ContainerWriter writer =
                    ContainerWriter.create(header, file, Backend.SCALAR)) {
                  Containers.appendAll(writer, header, "raw", 0);
                  writer.commit();
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("context.varve")
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("nothing of it is kept");
      assertThat(names()).isEmpty();
    }
  }

  private static FileChannel full(Path path, int room) throws IOException {
    return new FullDisk(
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), room);
  }

  @Test
  void writesTheSameBytesAgain() throws IOException {
    byte[] first = {};
    for (int round = 0; round < 2; round++) {
      try (ContainerWriter writer = create(Existing.REPLACE)) {
        Containers.appendAll(writer, header, "lossless", 0);
        writer.attach(
            new Attachment("queries", "F32", List.of(8L), 32),
            AttachmentSource.of(MemorySegment.ofArray(new byte[32])));
        writer.commit();
      }
      if (round == 0) {
        first = Files.readAllBytes(target());
      }
    }
    assertThat(Files.readAllBytes(target())).isEqualTo(first);
  }

  @Test
  void refusesBlocksThatDoNotFitTheHeader() throws IOException {
    Encoding encoding = Encodings.parse("int8");
    MemorySegment payload =
        Containers.encode(header, encoding, 0, 0, Containers.block(header, 0, 0));
    try (ContainerWriter writer = create(Existing.REFUSE)) {
      assertThatThrownBy(() -> writer.append(BlockAddress.of(3, 0), encoding, 64, payload))
          .hasMessageContaining("there are 3 layers");
      assertThatThrownBy(() -> writer.append(BlockAddress.of(1, 0), encoding, 64, payload))
          .hasMessageContaining("layer 1 stores no blocks");
      assertThatThrownBy(() -> writer.append(BlockAddress.of(0, 3), encoding, 64, payload))
          .hasMessageContaining("no chunk 3");
      assertThatThrownBy(() -> writer.append(new BlockAddress(0, 0, 1), encoding, 64, payload))
          .hasMessageContaining("there are 1 levels");
      assertThatThrownBy(() -> writer.append(BlockAddress.of(0, 2), encoding, 64, payload))
          .hasMessageContaining("chunk 2 holds 22 tokens, not 64");
      assertThatThrownBy(() -> writer.append(BlockAddress.of(0, 0), Encoding.RAW, 64, payload))
          .hasMessageContaining("a raw block has 16384 bytes");
      BlockAddress address = BlockAddress.of(0, 0);
      assertThatThrownBy(() -> new BlockInfo(address, encoding, 64, OptionalInt.of(0), 0))
          .hasMessageContaining("cannot depend on layer 0");
      writer.append(address, encoding, 64, payload);
      assertThatThrownBy(() -> writer.append(address, encoding, 64, payload))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer 0, chunk 0, level 0 is there already");
      assertThat(writer.commit().blocks()).isEqualTo(1);
    }
  }

  @Test
  void refusesAHeaderThatIsBeyondTheLimits() {
    String large = "x".repeat(SourceDescription.MAX_LAYOUT_BYTES + 1);
    ContainerHeader layout = header.from(new SourceDescription("npz", Map.of(), large));
    assertThatThrownBy(
            () -> ContainerWriter.create(target(), layout, Existing.REFUSE, Backend.SCALAR))
        .hasMessageContaining("16777217 bytes, the limit is 16777216");
    assertThat(target()).doesNotExist();
    assertThatThrownBy(() -> header.alignedTo(100)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> header.withTokens(TokenIds.of(1, 2)))
        .hasMessageContaining("2 token ids for 150 tokens");
    assertThatThrownBy(() -> header.from(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> ContainerHeader.of(header.shape(), 100, 150))
        .hasMessageContaining("multiple of 32");
    assertThatThrownBy(() -> header.planned(EncodingPlan.uniform(2, Encoding.RAW)))
        .hasMessageContaining("the plan is of 2 layers");
  }
}
