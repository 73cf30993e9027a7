package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledModelTest {

  @TempDir Path folder;

  @Test
  void copiesAModelThatLoads() throws IOException {
    Path target = BundledModel.extractTo(folder.resolve("a/b"));
    try (LlamaModel copy = LlamaModel.open(target);
        LlamaModel original = LlamaModel.open(BundledModel.folder(folder))) {
      assertThat(copy.modelIdentity()).isEqualTo(original.modelIdentity());
    }
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("README.md", "config.json", "model.safetensors");
    }
    assertThat(target.resolve("README.md")).content().contains("CC0");
  }

  @Test
  void keepsWhatIsThereAndReplacesWhatIsDamaged() throws IOException {
    BundledModel.extractTo(folder);
    Path weights = folder.resolve("model.safetensors");
    Path config = folder.resolve("config.json");
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(weights, old);
    Files.writeString(config, "{");
    BundledModel.extractTo(folder);
    assertThat(Files.getLastModifiedTime(weights)).isEqualTo(old);
    assertThat(HuggingFaceConfig.read(config).layers()).isEqualTo(6);
  }

  @Test
  void refusesAPlaceThatIsNoFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> BundledModel.extractTo(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }
}
