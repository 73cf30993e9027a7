package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.object.ObjectSpace;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the system leaves of objects when it ends the process that writes them. */
class ObjectKillTest {

  private static final int KILLS = 4;
  private static final Pattern DONE = Pattern.compile("done (\\d+) (\\d+)");

  @TempDir Path folder;
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);

  /** The last round that the writer acknowledged of each name. */
  private final Map<Integer, Integer> acknowledged = new HashMap<>();

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyAcknowledgedObjectIsFoundAndNoneIsTorn() throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      writeAndKill(3 + random.nextInt(60));
      try (KvCache cache = KvCache.open(ObjectWriterMain.config(folder))) {
        for (int name = 0; name < ObjectWriterMain.NAMES; name++) {
          check(cache.objects(), name, kill);
        }
        assertThat(cache.objectStats().lost()).as("kill %d, seed %d", kill, seed).isZero();
        assertThat(ObjectBench.names(cache.objects()).size())
            .isEqualTo((int) cache.objects().count());
      }
    }
  }

  /** The last acknowledged change shows, or the one that was under way. */
  private void check(ObjectSpace space, int name, int kill) {
    int last = acknowledged.getOrDefault(name, 0);
    String place = "name %d, round %d, kill %d, seed %d".formatted(name, last, kill, seed);
    Optional<byte[]> found = get(space, ObjectWriterMain.name(name));
    Optional<byte[]> expected = ObjectWriterMain.value(name, last);
    Optional<byte[]> next = ObjectWriterMain.value(name, last + 1);
    boolean asAcknowledged = same(found, expected);
    assertThat(asAcknowledged || same(found, next)).as(place).isTrue();
    acknowledged.put(name, asAcknowledged ? last : last + 1);
  }

  private static boolean same(Optional<byte[]> a, Optional<byte[]> b) {
    return a.isPresent() ? b.isPresent() && Arrays.equals(a.get(), b.get()) : b.isEmpty();
  }

  /** Kills a writer after some lines. */
  private void writeAndKill(int lines) throws IOException, InterruptedException {
    Process child = start();
    int seen = 0;
    try (BufferedReader output = child.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        Matcher done = DONE.matcher(line);
        if (done.matches()) {
          acknowledged.put(Integer.parseInt(done.group(1)), Integer.parseInt(done.group(2)));
          seen++;
        }
        if (seen == lines) {
          // Not child.destroyForcibly(): that also closes the pipe with the last lines.
          assertThat(child.toHandle().destroyForcibly()).isTrue();
        }
      }
    }
    child.waitFor();
    assertThat(seen).as("lines of the writer").isGreaterThanOrEqualTo(lines);
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(new File(System.getProperty("java.home"), "bin/java").getPath());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--")) {
        command.add(flag);
      }
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-Xmx256m", "-cp", classPath, ObjectWriterMain.class.getName()));
    command.add(folder.toString());
    for (int name = 0; name < ObjectWriterMain.NAMES; name++) {
      command.add(String.valueOf(acknowledged.getOrDefault(name, 0)));
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
