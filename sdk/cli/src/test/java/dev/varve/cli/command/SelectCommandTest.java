package dev.varve.cli.command;

import static dev.varve.cli.select.SyntheticCapture.DIM;
import static dev.varve.cli.select.SyntheticCapture.KV_HEADS;
import static dev.varve.cli.select.SyntheticCapture.LAYERS;
import static dev.varve.cli.select.SyntheticCapture.QUERY_HEADS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.select.SyntheticCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SelectCommandTest {
  private static final int TOKENS = 150;
  private static final int STEPS = 12;

  @TempDir private Path folder;
  private final SyntheticCapture capture = new SyntheticCapture(11, TOKENS, STEPS);
  private String file = "";

  @BeforeEach
  void write() {
    file = capture.write(folder.resolve("kv.safetensors")).toString();
  }

  @Test
  void printsThePositionsThatTokenSelectReadsAsJson() {
    Run run = select("tokenselect(init=4,k=20,local=8,theta=1.1)", file, "--format", "json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode all = JsonMapper.shared().readTree(run.out());
    assertThat(all.size()).isEqualTo(LAYERS * STEPS);
    for (int i = 0; i < all.size(); i++) {
      JsonNode step = all.get(i);
      assertThat(List.copyOf(step.propertyNames()))
          .containsExactly("layer", "head", "step", "positions");
      assertThat(step.get("layer").intValue()).isEqualTo(i / STEPS);
      assertThat(step.get("head").isNull()).isTrue();
      assertThat(step.get("step").intValue()).isEqualTo(i % STEPS);
      assertThat(positions(step)).isEqualTo(expected(i / STEPS, i % STEPS));
    }
  }

  private static int[] positions(JsonNode step) {
    return IntStream.range(0, step.get("positions").size())
        .map(i -> step.get("positions").get(i).intValue())
        .toArray();
  }

  /** First 4, newest 8 and the 20 with the most votes, of what the step sees. */
  private int[] expected(int layer, int step) {
    int end = TOKENS - STEPS + step + 1;
    double[] votes = new double[end];
    for (int head = 0; head < QUERY_HEADS; head++) {
      double[] shares = new double[end];
      double sum = 0;
      float[] query = capture.query(layer, head, step);
      for (int t = 4; t < end - 8; t++) {
        float[] key = capture.key(layer, head / (QUERY_HEADS / KV_HEADS), t);
        double dot = IntStream.range(0, DIM).mapToDouble(c -> (double) query[c] * key[c]).sum();
        shares[t] = Math.exp(dot);
        sum += shares[t];
      }
      for (int t = 4; t < end - 8; t++) {
        votes[t] += shares[t] / sum;
      }
    }
    BitSet set = new BitSet();
    set.set(0, 4);
    set.set(end - 8, end);
    IntStream.range(4, end - 8)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer t) -> -votes[t]).thenComparing(t -> t))
        .limit(20)
        .forEach(set::set);
    return set.stream().toArray();
  }

  @Test
  void printsATable() {
    Run run = select("tokenselect(init=4,k=20,local=8,theta=-1)", file);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("layer", "positions", "24 steps: 0 read everything, 22 reused their picks;")
        .containsPattern("0 +all +0 +139 +32 +0-3 ");
  }

  @Test
  void readsEverythingWhenTheBudgetIsLargerThanTheCapture() {
    Run run = select("tokenselect(init=16,k=100000,local=64)", file, "--format", "json");
    JsonNode all = JsonMapper.shared().readTree(run.out());
    assertThat(positions(all.get(STEPS - 1))).isEqualTo(IntStream.range(0, TOKENS).toArray());
  }

  @Test
  void saysWhatIsWrongWithAPolicy() {
    Run unknown = select("tokenselekt", file);
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err())
        .contains("did you mean 'tokenselect'?")
        .contains("varve select --help");
    assertThat(select("tokenselect(theta=NaN)", file).exitCode()).isEqualTo(2);
    assertThat(select("tokenselect(k=0)", file).err()).contains("a budget must be");
    assertThat(Run.of("select", file).exitCode()).isEqualTo(2);
  }

  @Test
  void saysWhatIsWrongWithAFile() throws Exception {
    String policy = "tokenselect(k=20)";
    assertThat(select(policy, folder.resolve("none").toString()).exitCode()).isEqualTo(3);
    byte[] bytes = Files.readAllBytes(Path.of(file));
    Path half = Files.write(folder.resolve("half"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(select(policy, half.toString()).exitCode()).isEqualTo(3);
    Path bare = new SyntheticCapture(1, 20, 0).write(folder.resolve("bare"));
    Run queries = select(policy, bare.toString());
    assertThat(queries.exitCode()).isEqualTo(3);
    assertThat(queries.err()).contains("holds no queries: capture it again with --queries last:N");
    assertThat(wrongMetadata("varve.format", "weights").err()).contains("no file of varve capture");
    assertThat(wrongMetadata("varve.version", "2").err()).contains("this program reads version 1");
    assertThat(wrongMetadata("layers", "3").err())
        .contains("the metadata say layers = 3, the tensors have 2");
    assertThat(wrongMetadata("query_first", "7").err()).contains("the tensors have 138");
    assertThat(wrongMetadata("scale", "big").err()).contains("scale is 'big', not a number");
    assertThat(wrongMetadata("scale", "NaN").err()).contains("impossible shape");
  }

  @Test
  void saysWhatIsWrongWithABenchmark() {
    Run pairs = Run.of("bench", "select", "--pairs", "4");
    assertThat(pairs.exitCode()).isEqualTo(2);
    assertThat(pairs.err()).contains("--pairs must be at least 5: 4");
    Run tokens = Run.of("bench", "select", "--tokens", "10000");
    assertThat(tokens.exitCode()).isEqualTo(2);
    assertThat(tokens.err()).contains("a multiple of 128 from 8192 to 262144: 10000");
  }

  private Run wrongMetadata(String name, String value) {
    SyntheticCapture wrong = new SyntheticCapture(11, TOKENS, STEPS);
    wrong.metadata.put(name, value);
    Run run = select("tokenselect", wrong.write(folder.resolve("wrong")).toString());
    assertThat(run.exitCode()).isEqualTo(3);
    return run;
  }

  private static Run select(String policy, String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "select";
    all[1] = "--policy";
    all[2] = policy;
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return Run.of(all);
  }
}
