package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.file.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressing, decompressing, verifying, converting and comparing files. */
class OfflineCommandsTest {

  private static final int TOKENS = 300;

  @TempDir Path folder;

  @Test
  void restoresEveryByteUnlessToldOtherwise() throws IOException {
    Path cache = OfflineFiles.cache(path("kv.safetensors"), TOKENS);

    Run run = ok("compress", cache.toString());
    assertThat(run.out()).contains("lossless", "written");
    Path container = path("kv.safetensors.varve");
    assertThat(Files.size(container)).isLessThan(Files.size(cache));
    assertThat(ok("verify", container.toString()).out()).contains("sound, 12 blocks");
    ok("decompress", container.toString(), path("back").toString());

    assertThat(path("back")).hasSameBinaryContentAs(cache);
    assertThat(ok("diff", cache.toString(), path("back").toString()).out())
        .isEqualTo("identical to the byte\n");
  }

  @Test
  void writesTheSameBytesWhateverTheNumberOfThreads() throws IOException {
    Path cache = OfflineFiles.cache(path("kv.safetensors"), TOKENS);
    ok("compress", cache.toString(), path("one").toString(), "--threads", "1", "--codec", "kivi4");
    ok("compress", cache.toString(), path("four").toString(), "--threads", "4", "--codec", "kivi4");

    assertThat(path("four")).hasSameBinaryContentAs(path("one"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 128, 129})
  void takesAnyNumberOfTokens(int tokens) throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), tokens);
    for (String codec : List.of("lossless", "kivi2", "raw")) {
      ok("compress", cache.toString(), path("c").toString(), "--codec", codec, "--force");
      ok("verify", path("c").toString());
      ok("inspect", path("c").toString());
      ok("decompress", path("c").toString(), path("back").toString(), "--force");
      if (!codec.equals("kivi2") || tokens <= 36) {
        assertThat(path("back")).as(codec).hasSameBinaryContentAs(cache);
      }
      assertThat(Files.size(path("back"))).isEqualTo(Files.size(cache));
    }
    ok("compress", cache.toString(), path("c").toString(), "--max-error", "0.1", "--force");
    Run much = Run.of("compress", cache.toString(), path("d").toString(), "--target-ratio", "1000");
    assertThat(much.exitCode()).isEqualTo(1);
    assertThat(much.err()).contains("a ratio of 1000.0 cannot be reached: the best is about ");
    assertThat(path("d")).doesNotExist();
  }

  @Test
  void keepsSinksAndTheNewestTokensAndSparesTheOuterLayers() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    Run run =
        ok(
            "compress",
            cache.toString(),
            path("c").toString(),
            "--codec",
            "kivi2",
            "--format",
            "json");
    assertThat(run.out()).contains("\"codec\" : \"int8\"", "\"codec\" : \"kivi2\"");
    assertThat(run.err()).contains("first and last layers are written as int8");
    ok("decompress", path("c").toString(), path("back").toString());
    byte[] exact = Files.readAllBytes(cache);
    byte[] decoded = Files.readAllBytes(path("back"));
    int row = OfflineFiles.DIM * 2;
    int layerBytes = 2 * OfflineFiles.HEADS * TOKENS * row;
    int front = exact.length - OfflineFiles.LAYERS * layerBytes + layerBytes;
    for (int token = 0; token < TOKENS; token++) {
      int from = front + token * row;
      boolean same = java.util.Arrays.equals(exact, from, from + row, decoded, from, from + row);
      // Groups of 32 begin behind the sinks: what fills none up to the end of a block is exact too.
      boolean kept = token < 4 || (token >= 100 && token < 128) || token >= 256;
      assertThat(same).as("token %d", token).isEqualTo(kept);
    }

    Run bare =
        ok(
            "compress",
            cache.toString(),
            path("c").toString(),
            "--codec",
            "kivi2;1..2=int4",
            "--keep-first",
            "0",
            "--keep-newest",
            "0",
            "--force");
    assertThat(bare.out())
        .contains("0       kivi2", "1       int4", "2       int4", "3       kivi2");
  }

  @Test
  void keepsABlockWithANaNOrAnInfinityExactly() throws IOException {
    Path cache =
        OfflineFiles.cache(
            path("kv"), TOKENS, 0, 0, 0, 0, 0, 0, Float.NaN, Float.POSITIVE_INFINITY);
    String[] all = {"--keep-first", "0", "--keep-newest", "0", "--protect-layers", "0"};
    Run run = ok(line(all, "compress", cache, path("c"), "--codec", "int4"));

    assertThat(run.err()).contains("1 blocks hold a NaN, an infinity");
    ok("decompress", path("c").toString(), path("back").toString());
    Run diff = Run.of("diff", cache.toString(), path("back").toString(), "--format", "json");
    assertThat(diff.exitCode()).isEqualTo(1);
    assertThat(diff.out()).doesNotContain("NaN").contains("\"identical\" : false");
  }

  @Test
  void searchesAPlanWithinAnError() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    Run run =
        ok(
            "compress",
            cache.toString(),
            path("c").toString(),
            "--max-error",
            "0.03",
            "--format",
            "json");

    assertThat(run.out()).contains("\"codec\" : \"fp8\"").doesNotContain("lossless", "kivi");
    Run exact =
        ok("compress", cache.toString(), path("c").toString(), "--max-error", "0", "--force");
    assertThat(exact.out()).contains("lossless").doesNotContain("int8");
  }

  @Test
  void searchesAPlanOfARatioOrSaysWhatCanBeReached() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 1500);
    ok("compress", cache.toString(), path("c").toString(), "--target-ratio", "2.2");
    assertThat(Files.size(path("c")) * 22).isLessThanOrEqualTo(Files.size(cache) * 10);

    Run run = Run.of("compress", cache.toString(), path("d").toString(), "--target-ratio", "90");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("a ratio of 90.0 cannot be reached: the best is about ");
    Run both =
        Run.of(
            "compress",
            cache.toString(),
            path("d").toString(),
            "--target-ratio",
            "4",
            "--max-error",
            "0.0001");
    assertThat(both.exitCode()).isEqualTo(1);
    assertThat(both.err()).contains("within an error of 1.0E-4");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "c");
  }

  @Test
  void worksOnAFolderAndGoesOnWhereItStopped() throws IOException {
    Path in = Files.createDirectories(path("in/deep"));
    OfflineFiles.cache(path("in/a.safetensors"), 40);
    OfflineFiles.cache(in.resolve("b.safetensors"), 50);
    Files.writeString(path("in/config.json"), "{}");
    Files.write(path("in/bad.safetensors"), Bytes.safetensors("{\"a\":1}", new byte[3]));
    Files.write(path("in/x.pkl"), new Bytes().u8(0x80, 4, 1).array());

    Run first = Run.of("compress", path("in").toString(), path("out").toString());
    assertThat(first.exitCode()).isEqualTo(1);
    assertThat(first.err()).contains("bad.safetensors", "2 files are of no kind that is read");
    assertThat(path("out/deep/b.safetensors.varve")).exists();
    Files.delete(path("in/bad.safetensors"));
    Files.delete(path("out/a.safetensors.varve"));
    Run second = ok("compress", path("in").toString(), path("out").toString());
    assertThat(second.err()).contains("1 files were complete already and were skipped");
    Run other =
        Run.of("compress", path("in").toString(), path("out").toString(), "--codec", "int8");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("exists and was made otherwise: give --force");

    ok("decompress", path("out").toString(), path("back").toString());
    assertThat(path("back/deep/b.safetensors"))
        .hasSameBinaryContentAs(path("in/deep/b.safetensors"));
    assertThat(ok("decompress", path("out").toString(), path("back").toString()).err())
        .contains("2 files were complete already");
    assertThat(ok("verify", path("out").toString()).out().lines()).hasSize(2);
  }

  @Test
  void namesTheBlockThatIsDamaged() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), TOKENS);
    ok("compress", cache.toString(), path("c").toString());
    byte[] file = Files.readAllBytes(path("c"));
    file[file.length / 2] ^= 1;
    Files.write(path("c"), file);

    Run run = Run.of("verify", path("c").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("damaged: ", "layer ", "chunk ", "1 damage, ");
    Run decompress = Run.of("decompress", path("c").toString(), path("back").toString());
    assertThat(decompress.exitCode()).isEqualTo(1);
    assertThat(decompress.err()).contains("CRC", "layer ");
    assertThat(path("back")).doesNotExist();
  }

  @Test
  void refusesAContainerOfALaterVersionAndOneThatIsNone() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 40);
    ok("compress", cache.toString(), path("c").toString());
    byte[] file = Files.readAllBytes(path("c"));
    file[8] = 9;
    Files.write(path("later"), file);
    Files.write(path("none"), "no container at all".getBytes(StandardCharsets.UTF_8));
    Files.write(path("cut"), java.util.Arrays.copyOf(Files.readAllBytes(path("c")), 700));

    for (String name : List.of("later", "none", "cut")) {
      for (String command : List.of("decompress", "inspect", "verify")) {
        List<String> arguments = new ArrayList<>(List.of(command, path(name).toString()));
        if (command.equals("decompress")) {
          arguments.add(path("back").toString());
        }
        Run run = Run.of(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as("%s %s", command, name).isEqualTo(1);
        assertThat(run.out() + run.err()).contains(path(name).toString()).doesNotContain("\tat ");
      }
    }
    assertThat(Run.of("inspect", path("later").toString()).err()).contains("version 9");
    assertThat(path("back")).doesNotExist();
  }

  @Test
  void convertsBetweenKinds() throws IOException {
    Path cache = OfflineFiles.cache(path("kv.safetensors"), TOKENS);
    String previous = cache.toString();
    for (String name : List.of("kv.npz", "kv.npy", "kv.lmcache-fs", "again.safetensors")) {
      List<String> line = new ArrayList<>(List.of("convert", previous, path(name).toString()));
      if (previous.endsWith("lmcache-fs")) {
        line.addAll(List.of("--shape", "heads=2"));
      }
      ok(line.toArray(String[]::new));
      previous = path(name).toString();
    }
    assertThat(ok("diff", cache.toString(), previous).out())
        .contains("keys and values are identical; the files differ elsewhere");
    ok("convert", cache.toString(), path("b.npz").toString(), "--dtype", "bf16");
    Run diff = Run.of("diff", cache.toString(), path("b.npz").toString());
    assertThat(diff.exitCode()).isEqualTo(1);
    assertThat(diff.out()).contains("keys max", "relative");
    ok("compress", cache.toString(), path("c").toString());
    ok("decompress", path("c").toString(), path("d.npy").toString(), "--to", "npy");
    assertThat(path("d.npy")).hasSameBinaryContentAs(path("kv.npy"));
  }

  @Test
  void keepsWhatIsThereUnlessForced() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 40);
    Files.writeString(path("c"), "precious");
    for (String command : List.of("compress", "convert --to npz")) {
      List<String> line = new ArrayList<>(List.of(command.split(" ", -1)));
      line.addAll(1, List.of(cache.toString(), path("c").toString()));
      Run run = Run.of(line.toArray(String[]::new));
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err()).contains("exists: give --force to replace it");
      assertThat(path("c")).hasContent("precious");
    }
    ok("compress", cache.toString(), path("c").toString(), "--force");
    Files.writeString(path("back"), "precious");
    assertThat(Run.of("decompress", path("c").toString(), path("back").toString()).exitCode())
        .isEqualTo(2);
    assertThat(path("back")).hasContent("precious");
    Run page = Run.of("inspect", path("c").toString(), "--html", path("back").toString());
    assertThat(page.exitCode()).isEqualTo(2);
  }

  @Test
  void drawsAPageThatLoadsNothing() throws IOException {
    Path cache = OfflineFiles.cache(path("a<b>"), TOKENS);
    ok("compress", cache.toString(), path("c").toString(), "--codec", "kivi4");
    ok("inspect", path("c").toString(), "--html", path("page.html").toString());

    assertThat(path("page.html"))
        .content()
        .contains(
            "<svg",
            "prefers-color-scheme: dark",
            "a&lt;b&gt;",
            "layer 3, int8",
            "overflow-wrap: anywhere")
        .doesNotContain("http", "src=", "<script");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--codec kivi3 | no encoding is named 'kivi3': there are raw",
        "--codec kivi2;x=int8 | 'x' of --codec is no layer",
        "--codec kivi2;4=int8 | --codec names layer 4, there are 4",
        "--codec kivi2;0 | names no layers",
        "--codec int8 --max-error 0.1 | give one",
        "--target-ratio 0.5 | --target-ratio must be a number of at least 1: 0.5",
        "--max-error -1 | --max-error must be a number of at least 0: -1.0",
        "--codec kivi3 | with two formats; did you mean kivi4?",
        "--max-error nan | 'nan' is no number: write it as 2 or 0.05",
        "--keep-first 99999999999 | '99999999999' is no whole number from -2147483648",
        "--max-error NaN | --max-error must be a number of at least 0: NaN",
        "--block 33 | --block must be a multiple of 32 between 32 and 4096: 33",
        "--threads 0 | --threads must lie between 1 and 1024: 0",
        "--protect-codec x | no encoding is named 'x'",
        "--keys a --values b{layer} | --keys must contain {layer} once",
        "--keys k{layer} | --keys and --values belong together",
        "--axes bhx | 'bhx' is no order of axes",
        "--shape heads=x | heads of a shape must be a whole number: 'x'",
        "--from zip | no kind of file is named 'zip'",
        "--codec int8.token128 | no encoding is named",
        "--codec int4.token128/int4.token128 | 32",
      })
  void refusesAWrongCallWithASentence(String options, String sentence) throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 40);
    List<String> line =
        new ArrayList<>(List.of("compress", cache.toString(), path("c").toString()));
    line.addAll(List.of(options.split(" ", -1)));

    Run run = Run.of(line.toArray(String[]::new));

    assertThat(run.err()).startsWith("varve: ").contains(sentence).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(folder.toFile().list()).containsExactly("kv");
  }

  @Test
  void saysWhatTheEnvironmentLacks() throws IOException {
    Path cache = OfflineFiles.cache(path("kv"), 40);
    Run gone = Run.of("compress", path("gone").toString());
    assertThat(gone.exitCode()).isEqualTo(3);
    assertThat(gone.err()).contains("gone: no such file");
    Run nowhere = Run.of("compress", cache.toString(), path("no/c").toString());
    assertThat(nowhere.exitCode()).isEqualTo(3);
    assertThat(nowhere.err()).contains("its folder does not exist");
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static String[] line(String[] more, Object... first) {
    List<String> line = new ArrayList<>();
    for (Object part : first) {
      line.add(part.toString());
    }
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  private static Run ok(String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.exitCode()).as("%s", run.err()).isZero();
    return run;
  }
}
