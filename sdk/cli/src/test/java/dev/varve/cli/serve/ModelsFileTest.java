package dev.varve.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Dtype;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsFileTest {

  private static final String SHAPE = "layers=2 kv-heads=2 head-dim=32 dtype=bf16";

  @TempDir Path folder;

  @Test
  void readsWhatAModelIs() {
    List<ModelLine> models =
        ModelsFile.parse(
            """
            # ours
            model meta-llama/Llama-3.1-8B layers=32 kv-heads=8 query-heads=32 head-dim=128 \
            dtype=bf16 rope-theta=500000 levels=lossless,int8 quota=4GiB prefill-us=120 \
            revision=r1 encodings=ssd:lossless
            model small %s chunk-tokens=64 index=8MiB
            """
                .formatted(SHAPE));
    ModelLine llama = models.getFirst();
    assertThat(llama.name()).isEqualTo("meta-llama/Llama-3.1-8B");
    assertThat(llama.shape().layerCount()).isEqualTo(32);
    assertThat(llama.shape().layers().getFirst().rope().theta()).isEqualTo(500_000);
    assertThat(llama.shape().dtype()).isEqualTo(Dtype.BF16);
    assertThat(llama.chunkTokens()).isEqualTo(256);
    assertThat(llama.levels())
        .containsExactly(Encodings.parse("lossless"), Encodings.parse("int8"));
    assertThat(llama.encodings()).isEqualTo("ssd=lossless");
    assertThat(models.getLast().chunkTokens()).isEqualTo(64);
    assertThat(models.getLast().index().bytes()).isEqualTo(8 << 20);
    assertThat(llama.index().bytes()).isEqualTo(256 << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense | line 1: write 'model NAME",
        "model m layers=2 | line 1: 'kv-heads=' is missing",
        "model m SHAPE what=1 | line 1: 'what=' means nothing here",
        "model m SHAPE layers=3 | line 1: 'layers' is there twice",
        "model m SHAPE chunk-tokens=x | line 1: chunk-tokens=x is no whole number",
        "model m SHAPE levels=mp3 | line 1: no encoding is named 'mp3'",
        "model m SHAPE hot=many | line 1: 'many' is no size",
        "model m SHAPE word | line 1: 'word' is no NAME=VALUE",
        "model m layers=2 kv-heads=2 head-dim=32 dtype=int3 | line 1: dtype=int3 is none of",
        "model m layers=0 kv-heads=2 head-dim=32 dtype=f16 | line 1: layers",
      })
  void saysWhatIsWrong(String given) {
    String[] parts = given.split(" \\| ", 2);
    assertThatThrownBy(() -> ModelsFile.parse(parts[0].replace("SHAPE", SHAPE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(parts[1]);
  }

  @Test
  void refusesTheSameNameTwice() {
    String line = "model m " + SHAPE + "\n";
    assertThatThrownBy(() -> ModelsFile.parse(line + line))
        .hasMessage("line 2: model 'm' is there twice");
  }

  @Test
  void opensACacheForEachModelWithAFolderOfItsOwn() {
    List<ModelLine> lines =
        ModelsFile.parse("model a/b %s hot=4MiB host=8MiB ssd=64MiB".formatted(SHAPE));
    GivenSettings given = new GivenSettings();
    given.put("tiers.ssd", folder.toString(), "test");
    List<KvCache> owned = new ArrayList<>();
    Models models =
        ServeModels.open(
            lines,
            given.settings().tiers(),
            Thread.ofPlatform().daemon().factory(),
            cache -> {
              owned.add(cache);
              return cache;
            });
    try {
      Optional<ServedModel> model = models.find("a/b");
      assertThat(model).isPresent();
      assertThat(folder.resolve("models").toFile().list()).hasSize(1);
      assertThat(model.get().chunkTokens()).isEqualTo(256);
    } finally {
      owned.forEach(KvCache::close);
    }
  }

  @Test
  void refusesMemoryThatCannotHoldAChunk() {
    List<ModelLine> lines = ModelsFile.parse("model m " + SHAPE + " hot=1KiB");
    assertThatThrownBy(() ->
            ServeModels.open(
                lines,
                new GivenSettings().settings().tiers(),
                Thread.ofPlatform().daemon().factory(),
                cache -> cache))
        .hasMessageContaining("model 'm': hot=1024 cannot hold two chunks of 2 layers");
  }
}
