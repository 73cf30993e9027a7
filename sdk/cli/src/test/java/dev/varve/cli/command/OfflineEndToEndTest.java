package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the bundled model to a container and back. */
class OfflineEndToEndTest {

  private static final Pattern OUTPUT_ERROR = Pattern.compile("\"outputError\" : ([0-9.E-]+)");

  @TempDir Path folder;

  @Test
  void keysAndValuesOfARealModelGoThereAndBack() throws IOException {
    Path text =
        Files.writeString(
            folder.resolve("text"), "It is a truth universally acknowledged. ".repeat(10));
    String kv = folder.resolve("kv.safetensors").toString();
    String container = folder.resolve("kv.varve").toString();
    String back = folder.resolve("back.safetensors").toString();
    ok("capture", "--model", "byte-llama", "--text", text.toString(), "--out", kv);

    ok("compress", kv, container);
    ok("verify", container);
    assertThat(ok("inspect", container).out())
        .contains("6 layers, 2 KV heads of 64 elements, f32, 400 tokens", "theta 100000.0");
    ok("decompress", container, back);
    assertThat(ok("diff", kv, back).out()).isEqualTo("identical to the byte\n");

    Run compressed =
        ok("compress", kv, container, "--max-error", "0.05", "--force", "--format", "json");
    assertThat(compressed.out()).contains("\"queries\" : \"stored\"");
    assertErrors(compressed.out(), 0.05);
    assertThat(Files.size(Path.of(container)) * 2).isLessThan(Files.size(Path.of(kv)));
    ok("decompress", container, back, "--force");
    Run diff = Run.of("diff", kv, back, "--format", "json");
    assertThat(diff.exitCode()).isEqualTo(1);
    assertErrors(diff.out(), 0.05);
    Run inspect = ok("inspect", container, "--format", "json");
    for (String fact : List.of("\"kind\" : \"varve\"", "\"token ids\" : \"stored\"")) {
      assertThat(inspect.out()).contains(fact);
    }
  }

  private static void assertErrors(String json, double most) {
    Matcher errors = OUTPUT_ERROR.matcher(json);
    int found = 0;
    while (errors.find()) {
      assertThat(Double.parseDouble(errors.group(1))).isLessThanOrEqualTo(most);
      found++;
    }
    assertThat(found).isEqualTo(6);
  }

  private static Run ok(String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.exitCode()).as("%s", run.err()).isZero();
    return run;
  }
}
