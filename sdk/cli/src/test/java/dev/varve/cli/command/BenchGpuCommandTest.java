package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.varve.cli.Main;
import dev.varve.store.cuda.CudaFinding;
import dev.varve.store.cuda.CudaProbe;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("tool")
class BenchGpuCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @Test
  void saysWhatIsMissingWhereThereIsNoGpu() {
    assumeTrue(CudaProbe.look() instanceof CudaFinding.Missing, "this machine has a GPU");
    assertThat(run()).isEqualTo(1);
    assertThat(err.toString()).startsWith("varve: No GPU can be used: ");
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--device,-1",
    "--tokens,100",
    "--tokens,0",
    "--tokens,2097152",
    "--batch,0",
    "--batch,65",
    "--repeats,4",
    "--peers,missing-file",
    "--tokens,many"
  })
  void refusesWhatCannotBeMeasured(String option, String value) {
    assertThat(run(option, value)).isEqualTo(2);
    assertThat(err.toString()).contains(option).contains(value);
  }

  @Test
  void refusesPeersThatAreNoTimes() throws Exception {
    Path peers = Files.writeString(folder.resolve("peers"), "top_k\tfast\n");
    assertThat(run("--peers", peers.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("top_k\tfast");
  }

  private int run(String... options) {
    String[] arguments =
        Stream.concat(Stream.of("bench", "gpu"), Stream.of(options)).toArray(String[]::new);
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }
}
