package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockTarget;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that follow each other are read with one request, and each is checked for itself. */
class SsdTierAdjacentReadsTest {

  private static final int PAYLOAD = 3 * SegmentRecordDescriptor.PAGE;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);
  private static final int BLOCKS = 40;

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private final FailingFiles files = new FailingFiles();
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);
  private SsdTier tier;

  @BeforeEach
  void fill() {
    SsdTierConfig config =
        new SsdTierConfig(folder, 2 * BLOCKS * FOOTPRINT, BLOCKS / 2 * FOOTPRINT);
    tier = SsdTier.open(config, _ -> files, System::nanoTime);
    tier.put(TestBlocks.blocks(arena, 0, BLOCKS, PAYLOAD));
  }

  @AfterEach
  void free() {
    tier.close();
    arena.close();
  }

  @Test
  void asksOnceForEachFile() {
    assertThat(requests(LongStream.range(0, BLOCKS).toArray())).isEqualTo(2);
  }

  @Test
  void asksAgainBehindAGap() {
    assertThat(requests(0, 1, 2, 4, 5, 9)).isEqualTo(3);
  }

  @Test
  void asksForEachBlockOfAnotherOrder() {
    assertThat(requests(3, 2, 1)).isEqualTo(3);
  }

  @Test
  void asksForNoMoreThanFitsOneRequest() {
    int large = (int) (AdjacentReads.LARGEST_REQUEST / 3);
    int pages = large / SegmentRecordDescriptor.PAGE * SegmentRecordDescriptor.PAGE;
    SsdTierConfig config =
        new SsdTierConfig(folder.resolve("large"), 64L << 20, 32L << 20, new Durability.None());
    try (SsdTier other = SsdTier.open(config, _ -> files, System::nanoTime)) {
      other.put(TestBlocks.blocks(arena, 0, 5, pages));
      List<BlockTarget> wanted = wanted(pages, 0, 1, 2, 3, 4);
      long before = files.reads();
      check(other.readAll(wanted), wanted, 0, 1, 2, 3, 4);
      assertThat(files.reads() - before).isEqualTo(3);
    }
  }

  @Test
  void readsTheNeighboursOfADamagedRecord() throws IOException {
    Location header = SsdFiles.locate(tier, TestBlocks.key(5));
    Location payload = SsdFiles.locate(tier, TestBlocks.key(8));
    SsdFiles.flip(SsdFiles.segment(folder, header.segment()), header.offset() + 3);
    SsdFiles.flip(
        SsdFiles.segment(folder, payload.segment()),
        payload.offset() + SegmentRecordDescriptor.PAYLOAD_OFFSET + 9);
    long[] numbers = LongStream.range(0, 12).toArray();
    List<BlockTarget> wanted = wanted(PAYLOAD, numbers);
    List<ReadOutcome> outcomes = tier.readAll(wanted);
    for (int i = 0; i < numbers.length; i++) {
      if (i == 5 || i == 8) {
        assertThat(outcomes.get(i)).isInstanceOf(ReadOutcome.Damaged.class);
      } else {
        assertThat(outcomes.get(i)).isInstanceOf(ReadOutcome.Found.class);
        assertThat(TestBlocks.matches(wanted.get(i).target(), i)).isTrue();
      }
    }
    assertThat(tier.counters().damagedReads()).isEqualTo(2);
  }

  @Test
  void readsWhateverIsNamedInWhateverOrder() {
    for (int round = 0; round < 50; round++) {
      long first = random.nextLong(BLOCKS);
      long[] numbers =
          LongStream.range(0, random.nextInt(30))
              .map(i -> random.nextInt(5) == 0 ? random.nextLong(BLOCKS) : (first + i) % BLOCKS)
              .toArray();
      List<BlockTarget> wanted = new ArrayList<>();
      for (long number : numbers) {
        long from = random.nextInt(6) == 0 ? 8 : 0;
        MemorySegment place = arena.allocate(PAYLOAD + from, SegmentRecordDescriptor.PAGE);
        wanted.add(new BlockTarget(TestBlocks.key(number), place.asSlice(from)));
      }
      check(tier.readAll(wanted), wanted, numbers);
    }
  }

  private long requests(long... numbers) {
    List<BlockTarget> wanted = wanted(PAYLOAD, numbers);
    long before = files.reads();
    check(tier.readAll(wanted), wanted, numbers);
    return files.reads() - before;
  }

  private List<BlockTarget> wanted(int bytes, long... numbers) {
    return LongStream.of(numbers)
        .mapToObj(number ->
            new BlockTarget(
                TestBlocks.key(number), arena.allocate(bytes, SegmentRecordDescriptor.PAGE)))
        .toList();
  }

  private void check(List<ReadOutcome> outcomes, List<BlockTarget> wanted, long... numbers) {
    assertThat(outcomes).hasSize(numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      assertThat(outcomes.get(i)).as("seed %d", seed).isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(wanted.get(i).target(), numbers[i]))
          .as("seed %d", seed)
          .isTrue();
    }
  }
}
