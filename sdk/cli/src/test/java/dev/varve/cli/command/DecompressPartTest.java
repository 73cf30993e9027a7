package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.Kv;
import dev.varve.cli.file.KvSource;
import dev.varve.compression.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Some layers, heads and tokens of a container. */
class DecompressPartTest {

  private static final int TOKENS = 300;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"raw", "lossless", "int8", "kivi4", "gear4", "grid3", "bitstream3"})
  void isTheSamePartOfTheWhole(String codec) throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    ok("compress", cache.toString(), path("c").toString(), "--codec", codec);
    ok("decompress", path("c").toString(), path("whole").toString());

    ok(
        "decompress",
        path("c").toString(),
        path("part").toString(),
        "--layers",
        "-1,1..2",
        "--heads",
        "1",
        "--tokens",
        "100..-20");

    int[] layers = {3, 1, 2};
    int kept = TOKENS - 19 - 100;
    try (KvSource whole = open("whole");
        KvSource part = open("part")) {
      assertThat(part.description().tokens()).isEqualTo(kept);
      assertThat(part.description().shape().layerCount()).isEqualTo(layers.length);
      for (int i = 0; i < layers.length; i++) {
        assertThat(part.description().shape().layers().get(i).kvHeads()).isEqualTo(1);
        for (Section section : Section.values()) {
          float[] all = Kv.read(whole, layers[i], section);
          float[] expected = new float[kept * OfflineFiles.DIM];
          System.arraycopy(all, (TOKENS + 100) * OfflineFiles.DIM, expected, 0, expected.length);
          assertThat(Kv.read(part, i, section)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void readsNoBlockThatIsNotAskedFor() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    ok("compress", cache.toString(), path("c").toString());
    byte[] file = Files.readAllBytes(path("c"));
    file[file.length / 2] ^= 1; // in the first block of layer 2
    Files.write(path("c"), file);

    Run damaged = Run.of("decompress", path("c").toString(), path("back").toString());
    assertThat(damaged.err()).contains("layer 2, chunk 0");
    ok("decompress", path("c").toString(), path("a").toString(), "--layers", "0..1,3");
    ok("decompress", path("c").toString(), path("b.npz").toString(), "--tokens=-32..-1");
    assertThat(path("b.npz")).content(StandardCharsets.ISO_8859_1).startsWith("PK");
    Run asked =
        Run.of("decompress", path("c").toString(), path("d").toString(), "--tokens", "0..9");
    assertThat(asked.exitCode()).isEqualTo(1);
    assertThat(asked.err()).contains("layer 2, chunk 0");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "c", "a", "b.npz");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--layers 4 | layers 4 are not among 4: write numbers from 0 to 3",
        "--layers -5 | layers -5 are not among 4",
        "--layers 2..1 | layers 2..1 are not among 4",
        "--layers 0..2,1 | layers 0..2,1 of 4 name one twice",
        "--layers x | 'x' is no range: write a number from 0 on",
        "--heads 0..2 | heads 0..2 are not among 2: write numbers from 0 to 1",
        "--heads 0,1 | heads 0,1 are 2 ranges, one is read at a time",
        "--tokens 300 | tokens 300 are not among 300",
        "--tokens 99999999999 | '99999999999' is no range",
      })
  void refusesWhatIsNotThere(String option, String sentence) throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    ok("compress", cache.toString(), path("c").toString());
    List<String> line =
        new ArrayList<>(List.of("decompress", path("c").toString(), path("part").toString()));
    line.addAll(List.of(option.split(" ", -1)));

    Run run = Run.of(line.toArray(String[]::new));

    assertThat(run.err()).startsWith("varve: ").contains(sentence).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(path("part")).doesNotExist();
  }

  @Test
  void wantsANameForAPart() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 40);
    ok("compress", cache.toString(), path("c.varve").toString());
    Run run = Run.of("decompress", path("c.varve").toString(), "--layers", "0");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("take a part of a file: name the file to write it to");
  }

  private KvSource open(String name) throws IOException {
    return FileKinds.open(path(name), Optional.empty(), KindOptions.NONE);
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static void ok(String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.exitCode()).as("%s", run.err()).isZero();
  }
}
