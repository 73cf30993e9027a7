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
  void aKilledProcessLeavesNoContainerAndTheNextRunWritesIt() throws Exception {
    Path cache = OfflineFiles.cache(folder.resolve("kv"), 6000);
    Path container = folder.resolve("c");
    List<String> line =
        List.of("compress", cache.toString(), container.toString(), "--codec", "nsn2");
    Process child = start(List.of(), line);
    while (child.isAlive() && !writes(folder)) {
      Thread.sleep(5);
    }
    child.destroyForcibly().waitFor();
    assertThat(container).doesNotExist();

    String[] again = {"compress", cache.toString(), container.toString(), "--codec", "int8"};
    Run run = Run.of(again);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Run.of("verify", container.toString()).exitCode()).isZero();
  }

  /** Whether a file that is not finished has bytes in it. */
  private static boolean writes(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (file.toString().endsWith(".partial") && Files.size(file) > 0) {
          return true;
        }
      }
    }
    return false;
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
