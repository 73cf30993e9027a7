package dev.varve.compression.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs a {@link FuzzTarget} on damaged inputs. A round is decided by its seed alone, which a
 * failure names; the input itself is kept under {@code target/fuzz} so that it can be moved to the
 * resources of {@link FuzzTarget#name()}, where {@link #replay} finds it for ever.
 */
public final class Fuzzing {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Fuzzing() {}

  /** Runs {@code rounds} rounds from {@code seed} on. */
  public static void run(FuzzTarget target, long seed, int rounds) {
    List<byte[]> sound = target.sound();
    for (byte[] input : sound) {
      judge(target, input, "sound input");
    }
    for (int round = 0; round < rounds; round++) {
      long own = seed + round;
      judge(target, damaged(target, sound, own), "seed " + own);
    }
  }

  private static byte[] damaged(FuzzTarget target, List<byte[]> sound, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] input = sound.get(random.nextInt(sound.size()));
    byte[] other = sound.get(random.nextInt(sound.size()));
    byte[] bytes = Mutation.of(input, other, random);
    if (random.nextInt(4) != 0) {
      target.reseal(bytes);
    }
    return bytes;
  }

  private static void judge(FuzzTarget target, byte[] input, String what) {
    try {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      long allowed = target.read(input);
      long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
      if (taken > allowed) {
        throw new AssertionError("took %d bytes of heap, at most %d".formatted(taken, allowed));
      }
    } catch (Throwable e) {
      throw new AssertionError(
          "%s, %s: %s; the input is in %s".formatted(target.name(), what, e, kept(target, input)),
          e);
    }
  }

  private static Path kept(FuzzTarget target, byte[] input) {
    try {
      Path folder = Files.createDirectories(Path.of("target", "fuzz"));
      return Files.write(Files.createTempFile(folder, target.name() + "-", ".bin"), input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads every input that was once too much: the files that {@code list} names, one a line, in the
   * folder of the target beside this class.
   *
   * @return how many
   */
  public static int replay(FuzzTarget target) {
    List<String> names = new ArrayList<>();
    for (String line : text(target.name() + "/list.txt").split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        names.add(line.strip());
      }
    }
    for (String name : names) {
      judge(target, bytes(target.name() + "/" + name), name);
    }
    return names.size();
  }

  private static String text(String name) {
    return new String(bytes(name), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String name) {
    try (InputStream in = Fuzzing.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("there is no resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
