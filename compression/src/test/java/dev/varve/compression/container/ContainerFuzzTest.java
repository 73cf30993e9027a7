package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.fuzz.FuzzTarget;
import dev.varve.compression.fuzz.Fuzzing;
import dev.varve.compression.fuzz.Guarded;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerFuzzTest {
  @TempDir Path folder;

  @Test
  void answersWhateverTheBytesAre() {
    Fuzzing.run(new Target(folder), System.nanoTime(), 4_000);
  }

  @Tag("slow")
  @Test
  void answersWhateverTheBytesAreForMinutes() {
    Fuzzing.run(new Target(folder), System.nanoTime(), 400_000);
  }

  @Test
  void answersWhatWasOnceTooMuch() {
    assertThat(Fuzzing.replay(new Target(folder))).isPositive();
  }

  /** Opens a container and reads all of it. */
  private record Target(Path folder) implements FuzzTarget {
    private static final long MOST_BLOCK = 1 << 20;

    @Override
    public String name() {
      return "container";
    }

    @Override
    public List<byte[]> sound() {
      List<byte[]> inputs = new ArrayList<>();
      for (String encoding : List.of("lossless", "int4", "kivi2", "gear4", "twoclass4-2", "raw")) {
        Dtype dtype = inputs.size() % 2 == 0 ? Dtype.BF16 : Dtype.F32;
        inputs.add(container(encoding, dtype));
      }
      inputs.add(dependent());
      return inputs;
    }

    private byte[] container(String encoding, Dtype dtype) {
      Path path = folder.resolve(encoding + ".varve");
      ContainerHeader header =
          ContainerHeader.of(Containers.shape(dtype), 64, 80)
              .alignedTo(64)
              .of(ModelIdentity.named("model"))
              .from(new SourceDescription("npz", Map.of("key", "value"), "{}"))
              .withTokens(TokenIds.of(new int[80]));
      try (ContainerWriter writer =
          ContainerWriter.create(path, header, Existing.REPLACE, Backend.SCALAR)) {
        Containers.appendAll(writer, header, encoding, 0);
        writer.appendTables(1, MemorySegment.ofArray(new byte[50]));
        byte[] tensor = new byte[400];
        Attachment attachment = new Attachment("queries", "F32", List.of(10L, 10L), 400);
        writer.attach(attachment, AttachmentSource.of(MemorySegment.ofArray(tensor)));
        writer.commit();
        return Files.readAllBytes(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private byte[] dependent() {
      Path path = folder.resolve("dependent.varve");
      DependentContainers.write(path, DependentContainers.Change.NONE, -1, true);
      try {
        return Files.readAllBytes(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void reseal(byte[] input) {
      Resealing.container(MemorySegment.ofArray(input));
    }

    @Override
    public long read(byte[] input) {
      long allowed = (16 << 20) + 64L * input.length;
      MemorySegment bytes = MemorySegment.ofArray(input).asReadOnly();
      try (Arena arena = Arena.ofConfined()) {
        ContainerOpening opening = ContainerFile.over(Path.of("fuzz"), arena, bytes);
        return opening instanceof ContainerOpening.Opened(ContainerFile file)
            ? allowed + walk(file)
            : allowed;
      }
    }

    /** Returns the bytes of the largest uncompressed blocks, several times. */
    private static long walk(ContainerFile file) {
      file.verify(_ -> {});
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      long allowed = 0;
      for (BlockEntry entry : file.blocks()) {
        BlockGeometry geometry = file.header().geometry(entry.address().layer());
        if (geometry.bytes() <= MOST_BLOCK) {
          Guarded block = new Guarded(geometry.bytes());
          decoder.decode(entry, block.bytes());
          block.check();
          allowed += 32 * geometry.bytes();
        } else {
          file.payload(entry); // a sound header may claim such a layer: only its owner has the room
        }
      }
      AttachmentReader reader = new AttachmentReader(file, Backend.SCALAR);
      for (int i = 0; i < file.attachmentCount(); i++) {
        if (file.attachment(i) instanceof AttachmentReading.Sound(Attachment attachment)
            && attachment.bytes() <= MOST_BLOCK) {
          Guarded target = new Guarded(attachment.bytes());
          reader.read(i, target.bytes());
          target.check();
        }
      }
      file.tables(1);
      return allowed;
    }
  }
}
