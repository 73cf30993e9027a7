package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import dev.varve.store.TierUsage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Stores that are opened again, whole and damaged. */
class SsdTierDamageTest {

  private static final int PAYLOAD = 10_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);
  private static final int BLOCKS = 6;

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private SsdTierConfig config = new SsdTierConfig(Path.of("unset"), 1 << 20, 1);

  @BeforeEach
  void store() {
    config = new SsdTierConfig(folder.resolve("store"), 100 * FOOTPRINT, 4 * FOOTPRINT);
    try (SsdTier tier = SsdTier.open(config)) {
      assertThat(tier.put(TestBlocks.blocks(arena, 0, BLOCKS, PAYLOAD))).isEqualTo(BLOCKS);
    }
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void servesEveryCommittedBlockAfterAReopen() {
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 1, 2, 3, 4, 5);
      assertThat(tier.usage())
          .isEqualTo(
              new TierUsage(
                  BLOCKS, (long) BLOCKS * PAYLOAD, BLOCKS * FOOTPRINT, config.capacityBytes()));
      assertThat(tier.reclaimable(1)).hasSize(4).contains(TestBlocks.key(0));
      assertThat(tier.put(TestBlocks.blocks(arena, BLOCKS, BLOCKS + 1, PAYLOAD))).isEqualTo(1);
      assertThat(tier.remove(List.of(TestBlocks.key(0)))).isEqualTo(1);
    }
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 1, 2, 3, 4, 5, 6);
      assertThat(outcome(tier, 0)).isEqualTo(new ReadOutcome.Absent());
    }
  }

  @Test
  void neverGivesWrongBytesWhicheverByteIsFlipped() throws IOException {
    Path segment = SsdFiles.segment(config.folder(), 0);
    List<Long> offsets = new ArrayList<>();
    for (long at = 0; at < SegmentRecordDescriptor.RESERVED_OFFSET; at++) {
      offsets.add(at);
    }
    for (long at = SegmentRecordDescriptor.RESERVED_OFFSET; at < FOOTPRINT; at += 61) {
      offsets.add(at);
    }
    try (SsdTier tier = SsdTier.open(config)) {
      for (long at : offsets) {
        SsdFiles.flip(segment, FOOTPRINT + at);
        boolean payload =
            at >= SegmentRecordDescriptor.PAYLOAD_OFFSET
                && at < SegmentRecordDescriptor.PAYLOAD_OFFSET + PAYLOAD;
        if (at < SegmentRecordDescriptor.RESERVED_OFFSET || payload) {
          assertThat(outcome(tier, 1))
              .as("byte %d of the record", at)
              .isInstanceOfSatisfying(
                  ReadOutcome.Damaged.class,
                  damaged ->
                      assertThat(damaged.reason())
                          .contains(segment.getFileName().toString())
                          .contains("at " + FOOTPRINT));
        } else {
          assertHeld(tier, 1);
        }
        SsdFiles.flip(segment, FOOTPRINT + at);
      }
      assertHeld(tier, 0, 1, 2);
    }
  }

  @Test
  void logsFileOffsetAndReasonOfADamagedBlock() throws IOException {
    Path segment = SsdFiles.segment(config.folder(), 0);
    SsdFiles.flip(segment, 2 * FOOTPRINT + SegmentRecordDescriptor.PAYLOAD_OFFSET);
    Logger logger = (Logger) LoggerFactory.getLogger(SsdTier.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (SsdTier tier = SsdTier.open(config)) {
      assertDamaged(tier, 2, "CRC");
      assertHeld(tier, 0);
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> {
          assertThat(line.getLevel()).isEqualTo(Level.ERROR);
          assertThat(line.getFormattedMessage())
              .contains(segment.toString())
              .contains("at " + 2 * FOOTPRINT)
              .contains("payload CRC does not match");
        });
  }

  @Test
  void reportsATruncatedSegmentAndServesTheRest() throws IOException {
    try (FileChannel file =
        FileChannel.open(SsdFiles.segment(config.folder(), 0), StandardOpenOption.WRITE)) {
      file.truncate(2 * FOOTPRINT + SegmentRecordDescriptor.PAGE + 5);
    }
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 1, 4, 5);
      assertDamaged(tier, 2, "ends at");
      assertDamaged(tier, 3, "ends at");
    }
  }

  @Test
  void reportsAMissingSegmentAndForgetsItsBlocksWhenTold() throws IOException {
    Files.delete(SsdFiles.segment(config.folder(), 0));
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 4, 5);
      assertDamaged(tier, 0, "NoSuchFile");
      assertThat(tier.remove(tier.reclaimable(1))).isEqualTo(4);
      assertThat(outcome(tier, 0)).isEqualTo(new ReadOutcome.Absent());
      assertThat(tier.usage().usedBytes()).isEqualTo(2 * FOOTPRINT);
    }
  }

  @Test
  void refusesARecordMovedToAnotherPlace() throws IOException {
    byte[] bytes = Files.readAllBytes(SsdFiles.segment(config.folder(), 0));
    System.arraycopy(bytes, 0, bytes, (int) FOOTPRINT, (int) FOOTPRINT);
    Files.write(SsdFiles.segment(config.folder(), 0), bytes);
    try (SsdTier tier = SsdTier.open(config)) {
      assertDamaged(tier, 1, "another block");
      assertHeld(tier, 0, 2);
    }
  }

  @Test
  void refusesAnOlderRecordOfTheSameBlock() {
    try (SsdTier tier = SsdTier.open(config);
        Arena scratch = Arena.ofConfined()) {
      MemorySegment page = scratch.allocate(SegmentRecordDescriptor.PAGE);
      EncodedBlock block = TestBlocks.block(scratch, 0, PAYLOAD);
      Location location = SsdFiles.locate(tier, TestBlocks.key(0));
      IndexEntry entry = new IndexEntry(block.header(), location);
      SegmentRecordDescriptor.write(record(block, location, false), 77, page);
      assertThat(SegmentRecordDescriptor.refusal(page, 77, entry)).isEmpty();
      assertThat(SegmentRecordDescriptor.refusal(page, 78, entry).orElseThrow())
          .contains("another store");
      SegmentRecordDescriptor.write(record(block, location, true), 77, page);
      assertThat(SegmentRecordDescriptor.refusal(page, 77, entry).orElseThrow())
          .contains("removed");
      Location older = new Location(location.segment(), location.offset(), location.sequence() + 1);
      SegmentRecordDescriptor.write(record(block, older, false), 77, page);
      assertThat(SegmentRecordDescriptor.refusal(page, 77, entry).orElseThrow())
          .contains("sequence");
      Location recycled = new Location(8, location.offset(), location.sequence());
      SegmentRecordDescriptor.write(record(block, recycled, false), 77, page);
      assertThat(SegmentRecordDescriptor.refusal(page, 77, entry).orElseThrow())
          .contains("segment=8");
    }
  }

  @Test
  void rebuildsAnIndexThatWasClosedWithDamagedValues() throws IOException {
    SsdFiles.flipInIndex(config.folder(), TestBlocks.key(1), IndexValueDescriptor.RECORD_OFFSET);
    SsdFiles.flipInIndex(
        config.folder(), TestBlocks.key(2), IndexValueDescriptor.HEADER_OFFSET + 40);
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 1, 2, 3, 4, 5);
      assertThat(tier.counters().rebuilds()).isEqualTo(1);
    }
  }

  @Test
  void removesABlockForGoodWhoseIndexValueWasDamagedMeanwhile() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      SsdFiles.flipValueInPlace(config.folder(), SsdFiles.locate(tier, TestBlocks.key(2)));
      SsdFiles.flipValueInPlace(config.folder(), SsdFiles.locate(tier, TestBlocks.key(3)));
      assertThat(outcome(tier, 2)).isInstanceOf(ReadOutcome.Damaged.class);
      assertThat(tier.remove(List.of(TestBlocks.key(2)))).isEqualTo(1);
      assertThat(tier.put(TestBlocks.blocks(arena, 3, 4, PAYLOAD))).isEqualTo(1);
      assertThat(tier.usage().blocks()).isEqualTo(BLOCKS - 1);
    }
    assertThat(SsdTier.rebuild(config.folder())).isEqualTo(BLOCKS - 1);
    try (SsdTier tier = SsdTier.open(config)) {
      assertThat(outcome(tier, 2)).isEqualTo(new ReadOutcome.Absent());
      assertHeld(tier, 0, 1, 3, 4, 5);
    }
  }

  @Test
  void ignoresATailThatWasNeverCommitted() throws IOException {
    Path last = SsdFiles.segment(config.folder(), 1);
    Files.write(last, new byte[12_345], StandardOpenOption.APPEND);
    Path unnamed = SsdFiles.segment(config.folder(), 7);
    Files.write(unnamed, new byte[4_096]);
    try (SsdTier tier = SsdTier.open(config)) {
      assertThat(unnamed).doesNotExist();
      assertThat(tier.put(TestBlocks.blocks(arena, BLOCKS, BLOCKS + 3, PAYLOAD))).isEqualTo(3);
      assertHeld(tier, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    }
  }

  @Test
  void readsIndexValuesThatAreAnyBytes() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[IndexValueDescriptor.LENGTH];
    for (int round = 0; round < 2_000; round++) {
      random.nextBytes(bytes);
      MemorySegment value =
          MemorySegment.ofArray(bytes).asSlice(0, round % 3 == 0 ? round % 288 : bytes.length);
      assertThat(IndexValueDescriptor.read(value))
          .as("seed %d", seed)
          .isInstanceOf(IndexReading.Refused.class);
    }
    assertThat(IndexValueDescriptor.HEADER_OFFSET + BlockHeaderDescriptor.HEADER_LENGTH)
        .isEqualTo(288);
  }

  private static SegmentRecord record(EncodedBlock block, Location location, boolean removed) {
    SegmentRecord.Batch alone = new SegmentRecord.Batch(location.sequence(), 1);
    return new SegmentRecord(block.header(), location, alone, removed);
  }

  private void assertHeld(SsdTier tier, long... numbers) {
    for (long number : numbers) {
      MemorySegment target = arena.allocate(PAYLOAD);
      assertThat(tier.read(TestBlocks.key(number), target))
          .as("block %d", number)
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(target, number)).as("block %d", number).isTrue();
    }
  }

  private void assertDamaged(SsdTier tier, long number, String reason) {
    assertThat(outcome(tier, number))
        .isInstanceOfSatisfying(
            ReadOutcome.Damaged.class, damaged -> assertThat(damaged.reason()).contains(reason));
  }

  private ReadOutcome outcome(SsdTier tier, long number) {
    return tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD));
  }
}
