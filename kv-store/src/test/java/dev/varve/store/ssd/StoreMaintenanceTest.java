package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores looked at, repaired and compacted while no process has them open. */
class StoreMaintenanceTest {

  private static final int PAYLOAD = 10_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);
  private static final int BLOCKS = 10;

  @TempDir private Path folder;
  private Path store = Path.of("unset");
  private final Arena arena = Arena.ofShared();

  @BeforeEach
  void fill() {
    store = folder.resolve("store");
    try (SsdTier tier = open()) {
      assertThat(tier.put(TestBlocks.blocks(arena, 0, BLOCKS, PAYLOAD))).isEqualTo(BLOCKS);
    }
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void verifiesASoundStoreAndChangesNoFileButTheLock() throws IOException {
    Map<Path, Long> before = content();
    VerifyReport report = StoreMaintenance.verify(store);
    assertThat(report)
        .isEqualTo(new VerifyReport(BLOCKS, BLOCKS * PAYLOAD, BLOCKS, 0, 0, List.of(), true));
    assertThat(report.sound()).isTrue();
    assertThat(StoreMaintenance.stats(store).blocks()).isEqualTo(BLOCKS);
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void findsADamagedPayloadAndRepairDropsIt() throws IOException {
    SsdFiles.flip(SsdFiles.segment(store, 0), FOOTPRINT + SegmentRecordDescriptor.PAGE + 5);
    VerifyReport report = StoreMaintenance.verify(store);
    assertThat(report.damages()).isEqualTo(1);
    assertThat(report.firstDamages().getFirst()).contains("at " + FOOTPRINT).contains("CRC");
    assertThat(report.blocks()).isEqualTo(BLOCKS - 1);
    assertThat(StoreMaintenance.repair(store)).isEqualTo(new RepairReport(BLOCKS - 1, 1, false));
    assertThat(StoreMaintenance.verify(store).sound()).isTrue();
    assertThat(held()).hasSize(BLOCKS - 1).doesNotContain(1L);
  }

  @Test
  void findsADamagedHeaderATruncatedAndAMissingSegment() throws IOException {
    SsdFiles.flip(SsdFiles.segment(store, 0), FOOTPRINT + 50);
    try (RandomAccessFile file = new RandomAccessFile(SsdFiles.segment(store, 1).toFile(), "rw")) {
      file.setLength(3 * FOOTPRINT - 100);
    }
    Files.delete(SsdFiles.segment(store, 2));
    VerifyReport report = StoreMaintenance.verify(store);
    assertThat(report.damages()).isEqualTo(1 + 2 + 2);
    assertThat(StoreMaintenance.repair(store)).isEqualTo(new RepairReport(5, 5, false));
    assertThat(held()).containsExactly(0L, 2L, 3L, 4L, 5L);
    assertThat(StoreMaintenance.verify(store).sound()).isTrue();
  }

  @Test
  void findsADamagedIndexAndRepairRebuildsIt() throws IOException {
    Files.write(store.resolve("index/data.mdb"), new byte[8192]);
    VerifyReport report = StoreMaintenance.verify(store);
    assertThat(report.sound()).isFalse();
    assertThat(report.firstDamages()).anyMatch(line -> line.contains("index"));
    assertThatThrownBy(() -> StoreMaintenance.stats(store))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("varve store repair");
    assertThat(StoreMaintenance.repair(store)).isEqualTo(new RepairReport(BLOCKS, 0, true));
    assertThat(StoreMaintenance.verify(store).sound()).isTrue();
    assertThat(held()).hasSize(BLOCKS);
  }

  @Test
  void countsSegmentsTenantsAndModels() {
    try (SsdTier tier = open()) {
      tier.remove(List.of(TestBlocks.key(0), TestBlocks.key(4), TestBlocks.key(5)));
      tier.remove(List.of(TestBlocks.key(6), TestBlocks.key(7)));
    }
    StoreStats stats = StoreMaintenance.stats(store);
    assertThat(stats.blocks()).isEqualTo(5);
    assertThat(stats.payloadBytes()).isEqualTo(5 * PAYLOAD);
    assertThat(stats.diskBytes()).isEqualTo(BLOCKS * FOOTPRINT);
    assertThat(stats.freeFiles()).isEqualTo(1);
    assertThat(stats.freeBytes()).isEqualTo(4 * FOOTPRINT);
    assertThat(stats.cleanlyClosed()).isTrue();
    assertThat(stats.segments()).hasSize(2);
    assertThat(stats.segments().getFirst().liveRatio()).isEqualTo(0.75);
    assertThat(stats.tenants())
        .containsExactly(new StoreStats.Owner("00000000000000070000000000000008", 5, 5 * PAYLOAD));
    assertThat(stats.models()).singleElement().extracting("blocks").isEqualTo(5L);
  }

  @Test
  void compactsASparseStoreToItsLiveBytes() throws IOException {
    try (SsdTier tier = open()) {
      List<BlockKey> keys = new ArrayList<>();
      for (int number = 0; number < BLOCKS; number += 2) {
        keys.add(TestBlocks.key(number));
      }
      tier.remove(keys);
    }
    Compaction compaction = StoreMaintenance.compact(store, 0.9);
    assertThat(compaction.movedBlocks()).isEqualTo(5);
    assertThat(SsdFiles.bytesOnDisk(store)).isEqualTo(5 * FOOTPRINT);
    assertThat(SsdFiles.free(store)).isEmpty();
    assertThat(held()).containsExactly(1L, 3L, 5L, 7L, 9L);
    assertThatThrownBy(() -> StoreMaintenance.compact(store, 1.5)).hasMessageContaining("1.5");
  }

  @Test
  void refusesAStoreThatIsOpenAndAFolderThatIsNoStore() {
    List<Consumer<Path>> commands =
        List.of(
            StoreMaintenance::verify,
            StoreMaintenance::repair,
            StoreMaintenance::stats,
            SsdTier::rebuild,
            path -> StoreMaintenance.compact(path, 0.5));
    try (SsdTier tier = open()) {
      for (Consumer<Path> command : commands) {
        assertThatThrownBy(() -> command.accept(store))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
      }
      assertThat(tier.usage().blocks()).isEqualTo(BLOCKS);
    }
    for (Consumer<Path> command : commands) {
      assertThatThrownBy(() -> command.accept(folder))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("no store");
    }
    assertThat(folder.resolve("LOCK")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void survivesBytesFlippedAndFilesCutAnywhere(boolean clean) throws IOException {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int run = 0; run < 8; run++) {
      if (!clean) {
        Files.deleteIfExists(store.resolve("CLEAN"));
      }
      int harm = damage(random);
      VerifyReport report = StoreMaintenance.verify(store);
      List<Long> held = held();
      assertThat(held.size())
          .as("run %d, seed %d, %s", run, seed, report)
          .isGreaterThanOrEqualTo(BLOCKS - harm);
      StoreMaintenance.repair(store);
      assertThat(StoreMaintenance.verify(store).firstDamages())
          .as("run %d, seed %d", run, seed)
          .isEmpty();
      try (SsdTier tier = open()) {
        tier.put(TestBlocks.blocks(arena, 0, BLOCKS, PAYLOAD));
        assertThat(tier.usage().blocks()).as("run %d, seed %d", run, seed).isEqualTo(BLOCKS);
      }
    }
  }

  /** Harms one file; returns how many blocks that may cost. */
  private int damage(SplittableRandom random) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(store)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(path -> path.toString().matches(".*(\\.segment|data\\.mdb|CLEAN)"))
              .toList();
    }
    Path file = files.get(random.nextInt(files.size()));
    boolean segment = file.toString().endsWith(".segment");
    long length = Files.size(file);
    if (random.nextInt(4) == 0) {
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.setLength(random.nextLong(length));
      }
      return segment ? 4 : 0;
    }
    int flips = random.nextInt(1, 4);
    for (int i = 0; i < flips; i++) {
      SsdFiles.flip(file, random.nextLong(length));
    }
    return segment ? flips : 0;
  }

  private SsdTier open() {
    return SsdTier.open(new SsdTierConfig(store, 40 * FOOTPRINT, 4 * FOOTPRINT));
  }

  /** Opens the store and returns the numbers of blocks that it delivers; none of them is wrong. */
  private List<Long> held() {
    List<Long> held = new ArrayList<>();
    try (SsdTier tier = open()) {
      MemorySegment target = arena.allocate(PAYLOAD);
      for (long number = 0; number < BLOCKS; number++) {
        if (tier.read(TestBlocks.key(number), target) instanceof ReadOutcome.Found) {
          assertThat(TestBlocks.matches(target, number)).as("block %d", number).isTrue();
          held.add(number);
        }
      }
    }
    return held;
  }

  private Map<Path, Long> content() throws IOException {
    Map<Path, Long> content = new HashMap<>();
    try (Stream<Path> all = Files.walk(store)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        CRC32C crc = new CRC32C();
        crc.update(Files.readAllBytes(path));
        content.put(path, crc.getValue());
      }
    }
    content.remove(store.resolve("LOCK"));
    return content;
  }
}
