package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoWayFileTest {

  private static final int PAGE = SegmentRecordDescriptor.PAGE;
  private static final int PAGES = 64;

  @TempDir Path folder;

  @Test
  void bothWaysSeeWhatTheOtherWrote() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] expected = new byte[PAGES * PAGE];
    DiskFiles files = DiskFiles.probe(folder);
    try (Arena arena = Arena.ofConfined();
        BlockFile file = files.create(folder.resolve("file"))) {
      MemorySegment all = arena.allocate(expected.length, PAGE);
      file.write(all, 0);
      for (int round = 0; round < 200; round++) {
        int pages = random.nextBoolean() ? 1 + random.nextInt(4) : 17 + random.nextInt(16);
        int from = random.nextInt(PAGES - pages) * PAGE;
        byte fill = (byte) random.nextInt();
        Arrays.fill(expected, from, from + pages * PAGE, fill);
        file.write(arena.allocate((long) pages * PAGE, PAGE).fill(fill), from);
        if (random.nextInt(8) == 0) {
          file.force();
        }
        MemorySegment small = arena.allocate(PAGE, PAGE);
        int page = random.nextInt(PAGES) * PAGE;
        file.read(small, page);
        assertThat(small.toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, round %d, page at %d", seed, round, page)
            .isEqualTo(Arrays.copyOfRange(expected, page, page + PAGE));
        file.read(List.of(all), 0);
        assertThat(all.toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, round %d", seed, round)
            .isEqualTo(expected);
      }
    }
    assertThat(Files.readAllBytes(folder.resolve("file"))).isEqualTo(expected);
  }

  @Test
  void itEndsWhereItWasCut() throws IOException {
    try (Arena arena = Arena.ofConfined();
        BlockFile file = DiskFiles.probe(folder).create(folder.resolve("file"))) {
      file.write(arena.allocate(40L * PAGE, PAGE), 0);
      file.truncate(20L * PAGE);
      assertThatThrownBy(() -> file.read(arena.allocate(PAGE, PAGE), 20L * PAGE))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.read(arena.allocate(40L * PAGE, PAGE), 0))
          .isInstanceOf(EOFException.class);
    }
  }
}
