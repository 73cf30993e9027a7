package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables for codecs: made from a capture, used by compress, refused for another model. */
class CalibrateCodecCommandTest {
  private static final int TOKENS = 256;

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void capture() throws IOException {
    Path text = shared.resolve("text");
    Files.writeString(text, "It is a truth universally acknowledged. ".repeat(20));
    Run run =
        Run.of(
            "capture",
            "--model",
            "byte-llama",
            "--text",
            text.toString(),
            "--tokens",
            Integer.toString(TOKENS),
            "--out",
            kv().toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    Run calibrated = Run.of("calibrate", "codec", kv().toString(), "--format", "json");
    assertThat(calibrated.exitCode()).as(calibrated.err()).isZero();
    assertThat(calibrated.err()).contains("varve-codec.json: from 252 tokens");
    assertThat(calibrated.out()).contains("\"mostReach\"", "\"layer\" : 5");
  }

  private static Path kv() {
    return shared.resolve("kv.safetensors");
  }

  private static Path calibration() {
    return shared.resolve("varve-codec.json");
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static Run run(int exitCode, Object... line) {
    List<String> words = new ArrayList<>();
    for (Object word : line) {
      words.add(word.toString());
    }
    Run run = Run.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    return run;
  }

  @Test
  void compressesWithTheTablesItMade() throws IOException {
    long last = Files.size(kv());
    for (String codec : List.of("kv4", "kvquant3", "kvquant2")) {
      Path out = path(codec);
      Run run = run(0, "compress", kv(), out, "--codec", codec, "--calibration", calibration());
      assertThat(run.out()).contains(codec, "written");
      run(0, "verify", out);
      run(0, "decompress", out, path("back"), "--force");
      assertThat(Files.size(path("back"))).isEqualTo(Files.size(kv()));
      assertThat(Files.size(out)).isLessThan(last);
      last = Files.size(out);
      assertThat(run(1, "diff", kv(), path("back"), "--format", "json").out())
          .contains("\"outputError\"");
    }
  }

  /** As {@code bench codec --calibration} takes them. */
  @Test
  void measuresEncodingsWithTheTablesOfAFile() throws IOException {
    CodingInput given = CodingInput.captured(kv(), Optional.of(calibration()));
    CodingInput made = CodingInput.captured(kv(), Optional.empty());

    assertThat(given.kv()).isEqualTo(kv());
    assertThat(given.calibrated()).contains("other text");
    assertThat(made.calibrated()).contains("from 128 on");
    assertThat(given.tables()).hasSize(6).hasSameSizeAs(made.tables());
    assertThat(bytes(given)).isNotEqualTo(bytes(made));
  }

  private static byte[] bytes(CodingInput input) {
    return input.tables().getLast().bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void predictsLayersFromTheOnesBefore() throws IOException {
    for (String codec : List.of("aquakv3", "aquakv2/int4.token32")) {
      Path out = path("c");
      String[] options = {"--protect-layers", "0", "--force", "--calibration"};
      List<Object> line = new ArrayList<>(List.of("compress", kv(), out, "--codec", codec));
      line.addAll(List.of(options));
      line.add(calibration());
      Run written = run(0, line.toArray());
      assertThat(written.out()).contains("grid4", codec);
      assertThat(written.err()).doesNotContain("first and last layers");
      run(0, "verify", out);
      run(0, "decompress", out, path("back"), "--force");
      Run diff = run(1, "diff", kv(), path("back"), "--format", "json");
      Run told = run(0, "inspect", out, "--format", "json");
      assertThat(errors(diff.out(), "outputError"))
          .as("what was measured while writing is what a reader gets")
          .isEqualTo(errors(told.out(), "outputError"))
          .hasSize(6);

      byte[] whole = Files.readAllBytes(out);
      Files.write(path("c.partial"), Arrays.copyOf(whole, whole.length / 2));
      assertThat(run(0, line.toArray()).err()).contains("blocks were there from a run that");
      assertThat(out).as("gone on with half of it").hasBinaryContent(whole);
    }
  }

  private static List<String> errors(String json, String field) {
    return java.util.regex.Pattern.compile("\"" + field + "\" : ([0-9.E-]+)")
        .matcher(json)
        .results()
        .map(found -> "%.5f".formatted(Double.parseDouble(found.group(1))))
        .toList();
  }

  @Test
  void saysWhatPredictionsLack() throws IOException {
    Run bare = run(2, "compress", kv(), path("c"), "--codec", "aquakv2");
    assertThat(bare.err()).contains("aquakv2 needs tables of the model: varve calibrate codec");
    String text = Files.readString(calibration());
    Files.writeString(path("cal"), text.replace("\"value_predictor\"", "\"another\""));
    Run lacking =
        run(2, "compress", kv(), path("c"), "--codec", "aquakv2", "--calibration", path("cal"));
    assertThat(lacking.err()).contains("aquakv2 needs the table value_predictor of layer 1");
    Files.writeString(path("cal"), text.replace("\"f16:", "\"f16:?"));
    Run garbled =
        run(1, "compress", kv(), path("c"), "--codec", "aquakv2", "--calibration", path("cal"));
    assertThat(garbled.err()).contains("layer 1: key_predictor is no Base64");
    Files.writeString(path("cal"), text.replace("\"f16:", "\"f32:"));
    Run other =
        run(1, "compress", kv(), path("c"), "--codec", "aquakv2", "--calibration", path("cal"));
    assertThat(other.err()).contains("a text that begins with f16:");
    assertThat(path("c")).doesNotExist();
  }

  @Test
  void searchesAmongCalibratedEncodingsToo() throws IOException {
    String[] search = {"--target-ratio", "2.5", "--protect-layers", "0"};
    run(0, "compress", kv(), path("c"), search[0], search[1], "--calibration", calibration());
    assertThat(Files.size(path("c"))).isLessThanOrEqualTo((long) (Files.size(kv()) / 2.5));
  }

  @Test
  void skipsWhatIsCompleteUnlessTheCalibrationIsAnother() throws IOException {
    Files.createDirectory(path("in"));
    Files.copy(kv(), path("in").resolve("kv"));
    Object[] line = {
      "compress", path("in"), path("out"), "--codec", "kv4", "--calibration", calibration()
    };
    assertThat(run(0, line).out()).contains("written");
    assertThat(run(0, line).out()).contains("skipped");
    run(0, "calibrate", "codec", kv(), "--out", path("other"), "--tokens", "99");
    line[line.length - 1] = path("other");
    assertThat(run(1, line).err()).contains("was made otherwise");
  }

  @Test
  void saysWhatAnEncodingLacks() {
    Run bare = run(2, "compress", kv(), path("c"), "--codec", "kvquant3");
    assertThat(bare.err())
        .contains("kvquant3 needs tables of the model: varve calibrate codec makes them");
    assertThat(path("c")).doesNotExist();
  }

  /** A file that does not tell its RoPE: smoothing alone. */
  @Test
  void makesNoTablesThatNeedARopeThatIsNotKnown() throws IOException {
    Path cache = OfflineFiles.cache(path("cache"), 300);
    Run made = run(0, "calibrate", "codec", cache, "--out", path("cal"));
    assertThat(made.err()).contains("does not say how RoPE turned the keys");
    run(0, "compress", cache, path("c"), "--codec", "kv4", "--calibration", path("cal"));
    Run refused =
        run(2, "compress", cache, path("d"), "--codec", "kvquant4", "--calibration", path("cal"));
    assertThat(refused.err()).contains("kvquant4 needs to know how RoPE turned the keys");
    assertThat(path("d")).doesNotExist();
    Run other =
        run(1, "compress", cache, path("d"), "--codec", "kv4", "--calibration", calibration());
    assertThat(other.err()).contains("was calibrated for 6 layers, cache has 4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"model_identity\":\" | \"model_identity\":\"another | was calibrated for the model"
            + " another",
        "\"fingerprint\":\" | \"fingerprint\":\"0 | was calibrated for fingerprint 0",
        "\"version\":1 | \"version\":2 | is a calibration of version 2, readable is 1",
        "\"version\":1, |  | is a calibration of version , readable is 1",
        "varve-codec-calibration | varve-heads | is no calibration: one says",
        "\"layers\":[ | \"layer\":[ | names no layers",
        "{\"format\" | \"format\" | is no calibration, not even valid JSON",
        "\"key_factors\":[ | \"key_factors\":[\"much\", | layer 0: key_factors must be a list of",
        "\"key_factors\":[ | \"key_factors\":[1e39, | number 0 of table key_factors is Infinity",
        "\"key_factors\":[ | \"key_factors\":[1.5, | has 129 numbers, this layer needs 128",
      })
  void refusesACalibrationThatDoesNotFit(String from, String to, String sentence)
      throws IOException {
    String text = Files.readString(calibration());
    assertThat(text).contains(from);
    Files.writeString(path("cal"), text.replace(from, to == null ? "" : to));
    Run run =
        Run.of(
            "compress",
            kv().toString(),
            path("c").toString(),
            "--codec",
            "kv4",
            "--protect-layers",
            "0",
            "--calibration",
            path("cal").toString());
    assertThat(run.err()).startsWith("varve: ").contains(sentence);
    assertThat(run.exitCode()).isBetween(1, 2);
    assertThat(path("c")).doesNotExist();
  }

  @Test
  void refusesBadInputWithASentence() throws IOException {
    assertThat(run(2, "calibrate", "codec", kv()).err()).contains("exists: give --force");
    run(0, "calibrate", "codec", kv(), "--force");
    assertThat(run(2, "calibrate", "codec", kv(), "--out", path("a"), "--smoothing", "2").err())
        .contains("smoothing must lie between 0 and 1: 2.0");
    assertThat(run(2, "calibrate", "codec", kv(), "--out", path("a"), "--tokens", "0").err())
        .contains("--tokens must be at least 1");
    assertThat(run(3, "calibrate", "codec", path("gone"), "--out", path("a")).err())
        .contains("gone");
    assertThat(run(3, "calibrate", "codec", kv(), "--out", path("no/a")).err())
        .contains("its folder does not exist");
    run(0, "compress", kv(), path("c"));
    assertThat(run(1, "calibrate", "codec", path("c"), "--out", path("a")).err())
        .contains("is a container");
    Path few = OfflineFiles.cache(path("few"), 3);
    assertThat(run(1, "calibrate", "codec", few, "--out", path("a")).err())
        .contains("holds 3 tokens, the first 4 are left out");
    Path none = OfflineFiles.cache(path("none"), 40, 0, 0, Float.NaN);
    assertThat(run(1, "calibrate", "codec", none, "--out", path("a"), "--keep-first", "0").err())
        .contains("layer 1: a key is NaN");
    assertThat(path("a")).doesNotExist();
  }
}
