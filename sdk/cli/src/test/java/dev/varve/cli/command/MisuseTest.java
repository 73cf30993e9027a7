package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MisuseTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo --hot 3X | Invalid value for option '--hot': '3X' is no size",
        "demo --tokens 100000 | --tokens must be at most",
        "demo --tokens 0 | --tokens must be at least 1: 0",
        "demo --format xml | Invalid value for option '--format'",
        "demo surplus | Unmatched argument at index 1: 'surplus'",
        "generate --max 3 | Missing required option: '--model=PATH'",
        "generate --model byte-llama | Missing required option: '--max=N'",
        "generate --model byte-llama --max 0 --prompt a | --max must be at least 1: 0",
        "generate --model byte-llama --max 3 | this model needs a prompt of at least 1 token",
        "generate --model byte-llama --max 3 --prompt a --temperature -1 | temperature must not be",
        "generate --model byte-llama --max 3 --prompt a --top-p 2 | top-p lie in (0, 1]",
        "generate --model byte-llama --max 3 --prompt a --block 33 | block tokens must be a"
            + " multiple",
        "generate --model byte-llama --max 3 --prompt a --kv-type i4 | '--kv-type'",
        "generate --model byte-llama --max 3 --prompt a --prompt-file b | mutually exclusive",
        "capture --model byte-llama --text a --out b --queries some | 'some' is no choice of"
            + " queries",
        "capture --model byte-llama --text a | Missing required option: '--out=FILE'",
        "compress | Missing required parameter: 'INPUT'",
        "decompress a b --to zip | no kind of file is named 'zip'",
        "convert a | Missing required parameter: 'OUTPUT'",
        "diff a | Missing required parameter: 'B'",
        "diff a b --sample 0 | --sample must be at least 1: 0",
        "verify | Missing required parameter: 'INPUT'",
        "inspect a b | Unmatched argument at index 2: 'b'",
        "replay | Missing required parameter: 'TRACE'",
        "replay trace --capacity 0 | --capacity must be at least 1 chunk: 0.",
        "replay trace --capacity 10,x | Invalid value for option '--capacity'",
        "replay trace --policy mru | no replacement policy is named \"mru\"; there are fifo, lru",
        "replay trace --chart a.png | --chart must end in .svg or .html: a.png.",
        "demo --tiers host=int9 | no encoding is named 'int9': there are raw",
        "demo --tiers int8 | 'int8' names no encoding: write TIER=ENCODING",
        "bench codec --page p.md | --codings-only need the keys",
        "bench codec --text t --kv k --model byte-llama | --text goes with --model, and without",
        "bench codec --text t | --text goes with --model",
        "bench codec --kv k --page p.md | --page needs --model",
        "bench codec --model byte-llama | --model, --plot, --page, --calibration and",
        "bench codec --kv k --ggml g --codings-only | --ggml and --codings-only exclude each other",
        "bench | Say which benchmark to run: attention, codec, evict, forgetting, gpu, handover,"
            + " index, llamacpp, moving, quant, replacement, select, serve, store.",
        "bench quant | Missing required option: '--ggml=FILE'",
        "bench quant --ggml x --pairs 4 | --pairs must be at least 5: 4",
        "bench forgetting --tokens 700 | --tokens must be a multiple of 512 between 512 and 131072:"
            + " 700",
        "bench forgetting --pairs 0 | --pairs must be at least 1: 0",
        "bench attention --pairs 4 | --pairs must be at least 5: 4",
        "bench evict --pairs 4 | --pairs must be at least 5: 4",
        "bench evict --tokens 1000 | --tokens must be a multiple of 64 from 1,024",
        "bench evict --window 0 | --window must lie between 1 and 256: 0",
        "bench index --chunks 10 | --chunks must lie between 1,000 and 100,000,000: 10",
        "bench index --tokens 0 | --tokens must lie between 128 and 10,000,000: 0",
        "bench index --host-share 2 | --host-share must be above 0 and up to 1: 2.0",
        "bench store --pairs 4 | --pairs must be at least 5: 4",
        "bench store --size 0 | a size must be at least 1 byte: 0",
      })
  void aWrongCallGivesASentence(String line, String sentence) {
    Run run = Run.of(line.split(" ", -1));

    assertThat(run.err()).startsWith("varve: ").contains(sentence).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aMissingFileIsAMatterOfTheEnvironment() {
    String gone = folder.resolve("gone").toString();
    String out = folder.resolve("out").toString();

    assertFails(3, gone + ": no such file", "generate", "--model", gone, "--max", "1");
    assertFails(
        3,
        gone + ": no such file",
        "generate",
        "--model",
        "byte-llama",
        "--max",
        "1",
        "--prompt-file",
        gone);
    assertFails(
        3,
        gone + ": no such file",
        "capture",
        "--model",
        "byte-llama",
        "--text",
        gone,
        "--out",
        out);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aHotTierTooSmallForOneStepFails() {
    assertFails(
        1,
        "hot slots",
        "generate",
        "--model",
        "byte-llama",
        "--max",
        "1",
        "--prompt",
        "a",
        "--hot",
        "128KiB");
  }

  @Test
  void aFileWhereAFolderIsNeededIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertFails(3, file.toString(), "bench", "store", "--folder", file.toString());
    assertFails(
        3,
        file.toString(),
        "generate",
        "--model",
        "byte-llama",
        "--max",
        "1",
        "--prompt",
        "a",
        "--store",
        file.toString());
  }

  @Test
  void printsTheStackTraceOnRequest() {
    Run run = Run.of("generate", "--model", folder.toString(), "--max", "1", "--verbose");

    assertThat(run.err()).contains("holds 0 models").contains("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "generate",
        "capture",
        "compress",
        "decompress",
        "inspect",
        "verify",
        "convert",
        "diff",
        "bench attention",
        "bench store"
      })
  void everyCommandHasHelpWithExitCodes(String command) {
    Run run = Run.of((command + " --help").split(" ", -1));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Usage: varve " + command).contains("--quiet", "Exit codes:");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @MethodSource("printersOfTables")
  void everyTableCanBeJson(String command) {
    assertThat(Run.of((command + " --help").split(" ", -1)).out()).contains("table, json");
  }

  static Stream<String> printersOfTables() {
    return Stream.of(
        "demo",
        "compress",
        "decompress",
        "inspect",
        "verify",
        "convert",
        "diff",
        "bench attention",
        "bench store");
  }

  private static void assertFails(int code, String sentence, String... arguments) {
    Run run = Run.of(arguments);

    assertThat(run.err()).contains(sentence).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(code);
  }
}
