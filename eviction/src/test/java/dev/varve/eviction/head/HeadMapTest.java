package dev.varve.eviction.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadMapTest {
  @TempDir Path folder;

  @Test
  void readsWhatItWrites() {
    HeadMap map = new HeadMap(4, List.of(List.of(3, 1), List.of(), List.of(0)));
    Path file = folder.resolve("heads.json");

    HeadMapFile.write(file, map, Map.of("seed", 7));

    assertThat(HeadMapFile.read(file)).isEqualTo(map);
    assertThat(map.full().getFirst()).containsExactly(1, 3);
    assertThat(file).content().contains("\"seed\" : 7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]                                            | \"format\": \"varve-heads\"",
        "{\"format\":\"varve-heads\",\"version\":2}    | \"version\": 1",
        "{\"format\":\"varve-heads\",\"version\":1}    | \"layers\" must be a whole number",
        "nonsense                                      | is not valid JSON",
        "{\"format\":\"varve-heads\",\"version\":1,\"layers\":2,\"kv_heads\":2,\"full\":{\"2\":[0]}}"
            + " | names layer 2, the map has layers 0 to 1",
        "{\"format\":\"varve-heads\",\"version\":1,\"layers\":2,\"kv_heads\":2,\"full\":{\"1\":[2]}}"
            + " | layer 1 names KV head 2, the model has heads 0 to 1",
        "{\"format\":\"varve-heads\",\"version\":1,\"layers\":2,\"kv_heads\":2,\"full\":{\"1\":[0.5]}}"
            + " | names head 0.5, needed are whole numbers",
      })
  void refusesWhatIsNoMap(String content, String sentence) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.json"), content);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadMapFile.read(file))
        .withMessageContaining(sentence);
  }

  @Test
  void turnsGatesIntoHeadsThatStream() throws IOException {
    Path file = Files.writeString(folder.resolve("gates.tsv"), "0.1\t0.9\n0.5 0.5\n\n");

    DuoPattern pattern = DuoPattern.read(file);

    assertThat(pattern.map(0.5).full()).containsExactly(List.of(1), List.of(0));
    assertThat(pattern.map(0).share()).isEqualTo(1);
    assertThat(pattern.map(1).share()).isZero();
    Path ragged = Files.writeString(folder.resolve("ragged.tsv"), "1 2\n3\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DuoPattern.read(ragged))
        .withMessageContaining("layers of 2 and of 1 heads");
  }
}
