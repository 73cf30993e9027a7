package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.select.SyntheticCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IndexCommandTest {
  private static final String SQUEEZED = "squeezed(percent=10,sparsity=0.7,observe=10)";

  @TempDir private Path folder;
  private final SyntheticCapture capture = new SyntheticCapture(5, 300, 16);
  private String file = "";
  private Path out = Path.of("");

  @BeforeEach
  void write() {
    file = capture.write(folder.resolve("kv.safetensors")).toString();
    out = folder.resolve("index");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SQUEEZED,
        "squeezed(percent=20,coarse=4,sparsity=0.8,observe=10)",
        "quest(page=16,k=64,dense=0)",
        "triforce(chunk=8,k=64)",
        "sentencekv(init=4,k=64,local=8)",
        "actqkv(init=4,k=64,local=8)"
      })
  void selectsTheSameWithAnIndexThatWasStored(String policy) {
    Run built = build(policy, file);
    assertThat(built.exitCode()).as(built.err()).isZero();
    String direct = selected("--policy", policy, file);
    assertThat(selected("--index", out.toString(), file)).isEqualTo(direct);
    assertThat(selected("--policy", policy, "--index", out.toString(), file)).isEqualTo(direct);
    JsonNode steps = JsonMapper.shared().readTree(direct);
    int heads = policy.startsWith("actqkv") ? 1 : SyntheticCapture.KV_HEADS;
    assertThat(steps.size()).isEqualTo(SyntheticCapture.LAYERS * heads * 16);
    boolean left = false;
    for (JsonNode step : steps) {
      int seen = 300 - 16 + step.get("step").intValue() + 1;
      JsonNode positions = step.get("positions");
      assertThat(positions.get(positions.size() - 1).intValue()).isEqualTo(seen - 1);
      left |= positions.size() < seen;
    }
    assertThat(left).as("something is left out").isTrue();
  }

  private static String selected(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 3);
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[0] = "select";
    all[all.length - 2] = "--format";
    all[all.length - 1] = "json";
    Run run = Run.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  private Run build(String policy, String from, String... more) {
    String[] all = {"index", "build", "--policy", policy, "--out", out.toString(), from};
    String[] whole = Arrays.copyOf(all, all.length + more.length);
    System.arraycopy(more, 0, whole, all.length, more.length);
    return Run.of(whole);
  }

  @Test
  void showsWhatAnIndexIs() {
    assertThat(build(SQUEEZED, file).out())
        .contains("policy", "squeezed(percent=10.0", "2 of 2 KV heads");
    Run json = Run.of("index", "inspect", out.toString(), "--format", "json");
    JsonNode shown = JsonMapper.shared().readTree(json.out());
    assertThat(List.copyOf(shown.propertyNames()))
        .containsExactly("policy", "model", "prefix", "tokens", "kvHeads", "keyDim", "layerBytes");
    assertThat(shown.get("tokens").intValue()).isEqualTo(294);
    assertThat(shown.get("layerBytes").size()).isEqualTo(2);
    assertThat(Run.of("index", "inspect", out.toString()).out()).contains("294 tokens");
  }

  @Test
  void refusesAnIndexOfAnotherPrefixOrModel() {
    assertThat(build(SQUEEZED, file).exitCode()).isZero();
    Path other = new SyntheticCapture(6, 300, 16).write(folder.resolve("other"));
    assertRefused(other, 3, "the index belongs to another prefix: it says 294 tokens");
    Path shorter = new SyntheticCapture(5, 200, 16).write(folder.resolve("shorter"));
    assertRefused(shorter, 3, "another prefix");
    SyntheticCapture model = new SyntheticCapture(5, 300, 16);
    model.metadata.put("model_identity", "cd".repeat(32));
    assertRefused(model.write(folder.resolve("model")), 3, "the index belongs to another model");
    Run policy = Run.of("select", "--policy", "quest", "--index", out.toString(), file);
    assertThat(policy.exitCode()).isEqualTo(2);
    assertThat(policy.err()).contains("but the index was built for squeezed(");
  }

  private void assertRefused(Path capture, int code, String sentence) {
    Run run = Run.of("select", "--index", out.toString(), capture.toString());
    assertThat(run.exitCode()).isEqualTo(code);
    assertThat(run.err()).contains(sentence);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void refusesAnIndexThatIsCutOffOrChanged() throws IOException {
    assertThat(build(SQUEEZED, file).exitCode()).isZero();
    byte[] bytes = Files.readAllBytes(out);
    for (int length : new int[] {0, 7, 50, 103, 150, bytes.length / 2, bytes.length - 1}) {
      Files.write(out, Arrays.copyOf(bytes, length));
      assertRefused(Path.of(file), 3, "cut off");
    }
    for (int at : new int[] {0, 9, 13, 30, 90, 110, bytes.length / 2, bytes.length - 1}) {
      byte[] changed = bytes.clone();
      changed[at] ^= 0x40;
      Files.write(out, changed);
      Run run = Run.of("index", "inspect", out.toString());
      assertThat(run.exitCode()).as("byte %d", at).isEqualTo(3);
      assertThat(run.err()).contains("index file", "build it again");
    }
    Files.write(out, Arrays.copyOf(bytes, bytes.length + 1));
    assertRefused(Path.of(file), 3, "1 bytes follow its end");
    assertThat(Run.of("index", "inspect", folder.resolve("none").toString()).exitCode())
        .isEqualTo(3);
  }

  @Test
  void saysWhatCannotBeBuilt() {
    Run exact = build("tokenselect", file);
    assertThat(exact.exitCode()).isEqualTo(2);
    assertThat(exact.err()).contains("reads the keys themselves: there is no index to store");
    assertThat(build("squeezed(prefix=1000)", file).err())
        .contains("the prefix has 1000 tokens, the capture 300");
    assertThat(build("squeezed(prefix=200)", file).err()).contains("queries from position 284 on");
    assertThat(build("squeezed(sparsity=NaN)", file).exitCode()).isEqualTo(2);
    assertThat(build("quest", file, "--tokens", "301").err()).contains("between 1 and the 300");
    assertThat(Run.of("index", "build", "--out", out.toString(), file).err())
        .contains("--policy is missing: give one of actqkv");
    assertThat(Run.of("index").exitCode()).isEqualTo(2);
    assertThat(build("quest", file).exitCode()).isZero();
    assertThat(build("quest", file).err()).contains("give --force to replace it");
    assertThat(build("quest", file, "--force").exitCode()).isZero();
  }
}
