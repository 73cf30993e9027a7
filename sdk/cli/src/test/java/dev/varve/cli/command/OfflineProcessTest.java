package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Main;
import dev.varve.cli.Run;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process leaves that runs out of room or is killed. */
class OfflineProcessTest {

  /** So many that a process is not done before it is found at work. */
  private static final int MANY_TOKENS = 30_000;

  /** Bytes of more than one block. */
  private static final int SOME_BLOCKS = 40_000;

  @TempDir Path folder;

  /** The system's own limit on the length of a file stands in for a full disk. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aFullDiskLeavesNoFileAndASentence() throws Exception {
    Path cache = OfflineFiles.cache(folder.resolve("kv"), 1500);
    Path container = folder.resolve("c");
    assertThat(Run.of("compress", cache.toString(), container.toString()).exitCode()).isZero();
    for (List<String> line :
        List.of(
            List.of("compress", cache.toString(), folder.resolve("d").toString()),
            List.of("decompress", container.toString(), folder.resolve("d").toString()),
            List.of("convert", cache.toString(), folder.resolve("d.npz").toString()))) {
      Process child = start(List.of("bash", "-c", "ulimit -f 200; exec \"$@\"", "limited"), line);
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor()).as(output).isEqualTo(3);
      assertThat(output).contains("varve: ").doesNotContain("\tat ");
      assertThat(folder.toFile().list()).as("%s", line).containsExactlyInAnyOrder("kv", "c");
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aKilledProcessLeavesNoContainerAndTheNextRunGoesOn() throws Exception {
    Path cache = OfflineFiles.cache(folder.resolve("kv"), MANY_TOKENS);
    Path container = folder.resolve("c");
    String[] line = {"compress", cache.toString(), container.toString(), "--codec", "nsn2"};
    untilItWrites(start(List.of(), List.of(line))).destroyForcibly().waitFor();
    assertThat(container).doesNotExist();

    Run run = Run.of(line);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("blocks were there from a run that was stopped");
    assertThat(Run.of("verify", container.toString()).exitCode()).isZero();
    byte[] resumed = Files.readAllBytes(container);
    line[2] = folder.resolve("d").toString();
    assertThat(Run.of(line).exitCode()).isZero();
    assertThat(Files.readAllBytes(folder.resolve("d"))).isEqualTo(resumed);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aStoppedProcessSaysHowToGoOn() throws Exception {
    Path cache = OfflineFiles.cache(folder.resolve("kv"), MANY_TOKENS);
    Path container = folder.resolve("c");
    String[] line = {"compress", cache.toString(), container.toString(), "--codec", "nsn2"};
    Process child = untilItWrites(start(List.of(), List.of(line)));
    child.toHandle().destroy();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    child.waitFor();
    assertThat(output)
        .contains("stopped: the same command goes on with what lies in " + container + ".partial")
        .doesNotContain("\tat ");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "c.partial");

    Run run = Run.of(line);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("blocks were there from a run that was stopped");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "c");
  }

  /** Waits until the file that is not finished holds some blocks. */
  private Process untilItWrites(Process child) throws Exception {
    Path partial = folder.resolve("c.partial");
    while (child.isAlive() && !(Files.exists(partial) && Files.size(partial) > SOME_BLOCKS)) {
      Thread.sleep(5);
    }
    assertThat(child.isAlive()).as("still at work").isTrue();
    return child;
  }

  private static Process start(List<String> front, List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>(front);
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--")) {
        line.add(flag);
      }
    }
    line.addAll(List.of("-XX:-UsePerfData", "-cp"));
    line.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    line.add(Main.class.getName());
    line.addAll(arguments);
    return new ProcessBuilder(line).redirectErrorStream(true).start();
  }
}
