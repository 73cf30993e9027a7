package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.found;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.tenancy.Pin;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the system leaves of expiry, pins and erasures when it ends a process. */
class RetentionKillTest {

  private static final int KILLS = 3;
  private static final Pattern DONE = Pattern.compile("(stored|timed|pinned|erased) (\\d+)");

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();
  private final Set<Integer> stored = new TreeSet<>();
  private final Set<Integer> timed = new TreeSet<>();
  private final Set<Integer> erased = new TreeSet<>();
  private final Set<Integer> pinned = new TreeSet<>();

  /** Texts that a process was at work on when it was killed. */
  private final Set<Integer> inDoubt = new TreeSet<>();

  private boolean otherErased = true;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everythingAKilledProcessAcknowledgedHolds() throws Exception {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    int next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      next = writeAndKill(next + 1, 5 + random.nextInt(60));
      // At the time of the writer: nothing has expired.
      try (KvCache cache = bench.open(TenantBench.config(folder))) {
        for (int text : stored) {
          int found = found(cache, RED, RetentionWriterMain.text(text));
          if (erased.contains(text)) {
            assertThat(found).as("erased %d, kill %d, seed %d", text, kill, seed).isZero();
          } else if (inDoubt.contains(text)) {
            assertThat(found)
                .as("in doubt %d, kill %d, seed %d", text, kill, seed)
                .isIn(0, 2 * TenantBench.SPAN);
          } else {
            assertThat(found)
                .as("text %d, kill %d, seed %d", text, kill, seed)
                .isEqualTo(2 * TenantBench.SPAN);
          }
        }
        assertNothingOfTheOtherTenant(cache, seed);
        assertThat(cache.retention().damagedRecords()).isZero();
        assertThat(cache.retention().pins().stream().filter(pin -> pin.chunks() == 2).count())
            .as("seed %d", seed)
            .isBetween((long) pinned.size(), pinned.size() + kill + 1L);
      }
    }
    bench.pass(RetentionWriterMain.TIME);
    try (KvCache cache = bench.open(TenantBench.config(folder))) {
      for (int text : timed) {
        assertThat(found(cache, RED, RetentionWriterMain.text(text)))
            .as("expired text %d, seed %d", text, seed)
            .isZero();
      }
      assertThat(cache.retention().pins()).extracting(Pin::tenant).containsOnly(RED);
      assertThat(cache.work()).isGreaterThanOrEqualTo(2 * timed.size());
    }
  }

  private void assertNothingOfTheOtherTenant(KvCache cache, long seed) {
    if (otherErased) {
      assertThat(found(cache, BLUE, RetentionWriterMain.text(0))).as("seed %d", seed).isZero();
      assertThat(cache.tenants().usage(BLUE).chunks()).as("seed %d", seed).isZero();
    }
  }

  /** Kills a writer after some lines; returns the number of the last text it may have begun. */
  private int writeAndKill(int from, int lines) throws IOException, InterruptedException {
    Process child = start(String.valueOf(from));
    int last = from;
    try (BufferedReader output = child.inputReader()) {
      int seen = 0;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        int text = note(line);
        last = Math.max(last, text);
        seen += text > 0 ? 1 : 0;
        if (text > 0 && seen == lines) {
          // Not child.destroyForcibly(): that also closes the pipe with the last lines.
          assertThat(child.toHandle().destroyForcibly()).isTrue();
        }
      }
      assertThat(seen).as("lines of the writer").isGreaterThanOrEqualTo(lines);
    }
    child.waitFor();
    inDoubt.add(last);
    inDoubt.add(last + 1);
    return last + 1;
  }

  /** Takes down what the writer says; the number of the text it speaks of, or 0. */
  private int note(String line) {
    if (line.equals("other begins") || line.equals("other erased")) {
      otherErased = line.endsWith("erased");
    }
    Matcher done = DONE.matcher(line);
    if (!done.matches()) {
      return 0;
    }
    int text = Integer.parseInt(done.group(2));
    switch (done.group(1)) {
      case "stored" -> stored.add(text);
      case "timed" -> timed.add(text);
      case "pinned" -> pinned.add(text);
      default -> erased.add(text);
    }
    return text;
  }

  private Process start(String from) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(new File(System.getProperty("java.home"), "bin/java").getPath());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--")) {
        command.add(flag);
      }
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-Xmx256m", "-cp", classPath, RetentionWriterMain.class.getName()));
    command.addAll(List.of(folder.toString(), from));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
