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
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Has an index checked by a child process, which may die of it. */
final class IndexCheck {

  private static final int LONGEST_OUTPUT = 16 << 10;

  private static final Pattern SOUND =
      Pattern.compile("^" + IndexCheckMain.SOUND + "\\d+ (\\d{1,18})$", Pattern.MULTILINE);

  private IndexCheck() {}

  /**
   * Why the index in {@code folder} is not to be trusted; empty if every check passed.
   *
   * @param noted its last transaction, as it was noted
   * @param copy empty folder for a compact copy of a sound index; null for none
   */
  static Optional<String> doubt(Path folder, @Nullable Path copy, OptionalLong noted) {
    Process child = null;
    try {
      child = new ProcessBuilder(command(folder, copy)).redirectErrorStream(true).start();
      child.getOutputStream().close();
      String output = output(child.getInputStream());
      int code = child.waitFor();
      Matcher sound = SOUND.matcher(output);
      if (code != 0 || !sound.find()) {
        return Optional.of("its check ended with code " + code + ": " + reason(output));
      }
      long transaction = Long.parseLong(sound.group(1));
      return CommitMark.allows(noted, transaction)
          ? Optional.empty()
          : Optional.of("it ends with transaction " + transaction + ", noted is " + noted);
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
