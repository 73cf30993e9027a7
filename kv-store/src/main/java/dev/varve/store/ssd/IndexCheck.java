package dev.varve.store.ssd;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Has an index checked by a child process, which may die of it. */
final class IndexCheck {

  private static final int LONGEST_OUTPUT = 16 << 10;

  private IndexCheck() {}

  /**
   * Why the index in {@code folder} is not to be trusted; empty if every check passed.
   *
   * @param copy empty folder for a compact copy of a sound index; null for none
   */
  static Optional<String> doubt(Path folder, @Nullable Path copy) {
    Process child = null;
    try {
      child = new ProcessBuilder(command(folder, copy)).redirectErrorStream(true).start();
      child.getOutputStream().close();
      String output = output(child.getInputStream());
      int code = child.waitFor();
      boolean sound =
          code == 0 && output.lines().anyMatch(line -> line.startsWith(IndexCheckMain.SOUND));
      return sound
          ? Optional.empty()
          : Optional.of("its check ended with code " + code + ": " + reason(output));
    } catch (IOException e) {
      return Optional.of("it cannot be checked: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("its check was interrupted");
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  private static String output(InputStream stream) throws IOException {
    String head = new String(stream.readNBytes(LONGEST_OUTPUT), StandardCharsets.UTF_8);
    stream.transferTo(java.io.OutputStream.nullOutputStream());
    return head;
  }

  private static String reason(String output) {
    return output
        .lines()
        .filter(line -> line.contains("Exception") || line.contains("SIG"))
        .findFirst()
        .orElse("it gave no reason");
  }

  private static List<String> command(Path folder, @Nullable Path copy) {
    List<String> command = new ArrayList<>();
    command.add(new File(System.getProperty("java.home"), "bin/java").getPath());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(IndexCheckMain.class.getName());
    command.add(folder.toAbsolutePath().toString());
    if (copy != null) {
      command.add(copy.toAbsolutePath().toString());
    }
    return command;
  }
}
