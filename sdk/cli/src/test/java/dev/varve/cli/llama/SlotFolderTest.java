package dev.varve.cli.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class SlotFolderTest {
  private static final int LAYERS = 3;
  private static final int CHANNELS = 64;
  private static final int F16 = 1;
  private static final int Q8_0 = 8;

  @TempDir Path folder;

  /** A file of build b4916: rows of the first {@code shared} tokens depend on nothing else. */
  private static byte[] slot(int cells, int shared, long seed, int type, boolean turned) {
    int row = type == F16 ? CHANNELS * 2 : CHANNELS / 32 * 34;
    int size = 12 + 12 * cells + 4 + 8 + LAYERS * 2 * (12 + cells * row);
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0x67677371).putInt(2).putInt(cells);
    for (int i = 0; i < cells; i++) {
      file.putInt(i % 250);
    }
    file.putInt(cells);
    for (int i = 0; i < cells; i++) {
      file.putInt(i).putInt(0);
    }
    file.putInt(turned ? 1 : 0).putInt(LAYERS);
    for (int section = 0; section < 2 * LAYERS; section++) {
      boolean byChannel = turned && section >= LAYERS;
      file.putInt(type);
      if (byChannel) {
        file.putInt(2).putInt(CHANNELS);
      } else {
        file.putLong(row);
      }
      byte[][] rows = new byte[cells][];
      for (int i = 0; i < cells; i++) {
        SplittableRandom random =
            new SplittableRandom(i * 31L + section * 7L + (i < shared ? 0 : seed));
        ByteBuffer one = ByteBuffer.allocate(row).order(ByteOrder.LITTLE_ENDIAN);
        while (one.remaining() >= 2) {
          one.putShort(Float.floatToFloat16((float) random.nextGaussian()));
        }
        rows[i] = one.array();
      }
      if (byChannel) {
        for (int channel = 0; channel < CHANNELS; channel++) {
          for (byte[] one : rows) {
            file.put(one, 2 * channel, 2);
          }
        }
      } else {
        for (byte[] one : rows) {
          file.put(one);
        }
      }
    }
    return file.array();
  }

  private SlotReport run(String... more) {
    List<String> line =
        new ArrayList<>(List.of("llamacpp", "cache", folder.toString(), "--format", "json"));
    line.addAll(List.of(more));
    Run run = Run.of(line.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonMapper.shared().readValue(run.out(), SlotReport.class);
  }

  private void fails(int exitCode, String reason, String... line) {
    Run run = Run.of(line);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(reason).doesNotContain("\tat ");
  }

  @Test
  void packsAndRestoresFilesOfEveryKind() throws IOException {
    byte[][] files = {
      slot(300, 300, 1, F16, true),
      slot(300, 300, 1, F16, false),
      slot(1, 1, 1, F16, true),
      slot(257, 257, 1, Q8_0, false)
    };
    for (int i = 0; i < files.length; i++) {
      Files.write(folder.resolve(i + ".bin"), files[i]);
    }
    SlotReport report = run("--budget", "20GB");
    assertThat(report.packed()).containsExactly("0.bin", "1.bin", "2.bin", "3.bin");
    assertThat(report.bytes()).isLessThan(report.rawBytes());
    assertThat(folder.resolve("0.bin")).doesNotExist();

    for (int i = 0; i < files.length; i++) {
      SlotReport restored = run("--budget", "20GB", "--restore", i + ".bin");
      assertThat(restored.restored()).containsExactly(i + ".bin");
      assertThat(Files.readAllBytes(folder.resolve(i + ".bin"))).isEqualTo(files[i]);
    }
  }

  @Test
  void keepsSharedChunksOnce() throws IOException {
    Files.write(folder.resolve("a.bin"), slot(512, 384, 1, F16, false));
    long alone = run("--budget", "1GiB").bytes();
    Files.write(folder.resolve("b.bin"), slot(512, 384, 2, F16, false));
    SlotReport both = run("--budget", "1GiB");
    assertThat(both.files()).extracting(SlotReport.Packed::sharedChunks).containsExactly(3, 3);
    assertThat(both.bytes()).isLessThan(alone * 3 / 2);
  }

  @Test
  void givesUpTheFilesUsedLongestAgo() throws IOException {
    for (String name : List.of("old", "middle", "new")) {
      long seed = name.hashCode();
      Path file = Files.write(folder.resolve(name), slot(256, 0, seed, F16, false));
      long age = name.equals("old") ? 1 : name.equals("middle") ? 2 : 3;
      Files.setLastModifiedTime(file, FileTime.fromMillis(age * 1_000_000));
    }
    long all = run("--budget", "1GiB").bytes();
    SlotReport report = run("--budget", Long.toString(all / 2));
    assertThat(report.evicted()).containsExactly("old", "middle");
    assertThat(report.bytes()).isLessThanOrEqualTo(all / 2);
    try (Stream<Path> chunks = Files.list(folder.resolve(".varve/chunks"))) {
      assertThat(chunks).hasSize(2);
    }
    run("--budget", "1GiB", "--restore", "new");
    fails(
        1,
        "there is no packed file 'old'; packed are new",
        "llamacpp",
        "cache",
        folder.toString(),
        "--budget",
        "1GiB",
        "--restore",
        "old");
  }

  @Test
  void leavesOtherFilesAlone() throws IOException {
    byte[] whole = slot(200, 0, 1, F16, false);
    Files.write(folder.resolve("cut.bin"), Arrays.copyOf(whole, 5000));
    Files.writeString(folder.resolve("notes.txt"), "nothing of llama.cpp");
    Files.createFile(folder.resolve("empty"));
    SlotReport report = run("--budget", "1GiB");
    assertThat(report.left()).containsExactly("cut.bin", "empty", "notes.txt");
    assertThat(report.files()).isEmpty();
    assertThat(folder.resolve("cut.bin")).exists();
    Run run = Run.of("llamacpp", "cache", folder.toString(), "--budget", "1GiB");
    assertThat(run.out()).contains("known form: cut.bin, empty, notes.txt\n");
  }

  @Test
  void refusesADamagedChunk() throws IOException {
    Files.write(folder.resolve("a.bin"), slot(256, 0, 1, F16, false));
    run("--budget", "1GiB");
    Path chunk;
    try (Stream<Path> chunks = Files.list(folder.resolve(".varve/chunks"))) {
      chunk = chunks.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(chunk);
    String[] line = {
      "llamacpp", "cache", folder.toString(), "--budget", "1GiB", "--restore", "a.bin"
    };
    for (int at : new int[] {0, 4, 8, 12, bytes.length / 2, bytes.length - 1}) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 0x41;
      Files.write(chunk, damaged);
      fails(1, "is damaged", line);
      assertThat(folder.resolve("a.bin")).doesNotExist();
    }
    Files.write(chunk, bytes);
    run("--budget", "1GiB", "--restore", "a.bin");
    Path manifest = folder.resolve(".varve/files/a.bin.json");
    Files.writeString(manifest, Files.readString(manifest).replace("\"size\":", "\"size\":1"));
    fails(1, "is damaged", line);
    Files.writeString(manifest, "{");
    fails(1, "is damaged", line);
  }

  @Test
  void refusesWhatIsNoFolderOfSlots() {
    String here = folder.toString();
    fails(3, "is no folder", "llamacpp", "cache", here + "/gone", "--budget", "1GiB");
    fails(2, "--budget", "llamacpp", "cache", here);
    fails(2, "is no size", "llamacpp", "cache", here, "--budget", "lots");
    fails(2, "Say what to do: cache", "llamacpp");
    fails(
        1,
        "'../x'; nothing is packed",
        "llamacpp",
        "cache",
        here,
        "--budget=1GiB",
        "--restore=../x");
  }
}
