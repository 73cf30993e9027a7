package dev.varve.store.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void readsBackWhatItWroteInPieces(long seed) throws IOException {
    Random random = new Random(seed);
    List<TensorSpec> specs =
        Stream.of(TensorType.values())
            .map(t -> TensorSpec.of("layer \"é\"." + t, t, random.nextInt(5), random.nextInt(70)))
            .toList();
    Map<String, byte[]> bytes = new HashMap<>();
    for (TensorSpec spec : specs) {
      byte[] content = new byte[(int) spec.byteSize()];
      random.nextBytes(content);
      bytes.put(spec.name(), content);
    }
    Map<String, String> metadata =
        Map.of("pairing", "HALVES\n", "x".repeat(random.nextInt(99)), "");
    Path file = folder.resolve("kv.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, specs)) {
      for (int half = 0; half < 2; half++) {
        for (TensorSpec spec : specs) {
          MemorySegment all = MemorySegment.ofArray(bytes.get(spec.name()));
          long middle = all.byteSize() / 3;
          writer.append(spec.name(), half == 0 ? all.asSlice(0, middle) : all.asSlice(middle));
        }
      }
      writer.commit();
    }
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile read = SafetensorsFile.open(file, arena);
      assertThat(read.metadata()).as("seed %d", seed).isEqualTo(metadata);
      assertThat(read.tensors()).as("seed %d", seed).hasSize(specs.size());
      for (TensorSpec spec : specs) {
        Tensor tensor = read.tensor(spec.name());
        assertThat(tensor.spec()).as("seed %d", seed).isEqualTo(spec);
        assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d", seed)
            .isEqualTo(bytes.get(spec.name()));
        assertThat(tensor.data().isReadOnly()).isTrue();
      }
    }
    assertThat(names()).containsExactly("kv.safetensors");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 40, 63, 64, 65})
  void alignsTheDataToSixtyFourBytes(int padding) throws IOException {
    Path file = folder.resolve("kv.safetensors");
    TensorSpec spec = TensorSpec.of("a" + "b".repeat(padding), TensorType.U8, 3);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), List.of(spec))) {
      writer.append(spec.name(), MemorySegment.ofArray(new byte[] {7, 8, 9}));
      writer.commit();
    }
    byte[] all = Files.readAllBytes(file);
    long header = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat((8 + header) % 64).isZero();
    assertThat(all).endsWith(7, 8, 9);
  }

  @Test
  void leavesTheOldFileWhenItIsNotCommitted() throws IOException {
    Path file = Files.writeString(folder.resolve("kv.safetensors"), "old");
    TensorSpec spec = TensorSpec.of("a", TensorType.U8, 1);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), List.of(spec))) {
      writer.append("a", MemorySegment.ofArray(new byte[1]));
    }
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("kv.safetensors");
  }

  @Test
  void refusesTooManyAndTooFewBytes() throws IOException {
    Path file = folder.resolve("kv.safetensors");
    TensorSpec spec = TensorSpec.of("a", TensorType.F16, 2);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), List.of(spec))) {
      assertThatThrownBy(() -> writer.append("a", MemorySegment.ofArray(new byte[5])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor 'a' takes 4 more bytes, given are 5");
      assertThatThrownBy(() -> writer.append("b", MemorySegment.ofArray(new byte[1])))
          .hasMessage("'b' is not a tensor of this file");
      writer.append("a", MemorySegment.ofArray(new byte[1]));
      assertThatThrownBy(writer::commit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("tensor 'a' lacks 3 bytes");
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void refusesTwoTensorsOfOneName() throws IOException {
    TensorSpec spec = TensorSpec.of("a", TensorType.U8, 1);
    Path file = folder.resolve("kv.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.create(file, Map.of(), List.of(spec, spec)))
        .hasMessage("two tensors are named 'a'");
    assertThat(names()).isEmpty();
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    Path file = folder.resolve("none").resolve("kv.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.create(file, Map.of(), List.of()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesShapesAndNamesThatNoFileCanHold() {
    assertThatThrownBy(() -> TensorSpec.of("__metadata__", TensorType.U8, 1))
        .hasMessageContaining("__metadata__");
    assertThatThrownBy(() -> TensorSpec.of("a", TensorType.U8, 2, -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> TensorSpec.of("a", TensorType.I64, Long.MAX_VALUE, 2))
        .hasMessageContaining("2^63");
  }

  @ParameterizedTest
  @EnumSource
  void everyElementTypeOfTheCacheHasATensorType(Dtype dtype) {
    TensorType type = TensorType.of(dtype);
    assertThat(type.dtype()).contains(dtype);
    assertThat(type.bytes()).isEqualTo(dtype.bytes());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}
