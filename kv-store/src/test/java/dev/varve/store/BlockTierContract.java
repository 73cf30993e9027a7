package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every tier below HOT must do. A tier passes by extending this and saying how it opens. */
public abstract class BlockTierContract {

  /** Payload of the blocks stored here; no multiple of a page. */
  protected static final int PAYLOAD = 10_000;

  /** Blocks of {@link #PAYLOAD} for which the opened tier has room. */
  protected static final int ROOM = 12;

  protected final Arena arena = Arena.ofShared();
  protected BlockTier tier;

  /** Opens an empty tier with room for exactly {@link #ROOM} blocks of {@link #PAYLOAD}. */
  protected abstract BlockTier open();

  /** Flips one stored bit of the payload of {@code key}. */
  protected abstract void damage(BlockKey key);

  @BeforeEach
  void openTier() {
    tier = open();
  }

  @AfterEach
  void closeTier() {
    tier.close();
    arena.close();
  }

  @Test
  void givesBackWhatWasPut() {
    int[] sizes = {1, 63, 64, 4095, 4096, 4097, PAYLOAD};
    List<EncodedBlock> blocks = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      blocks.add(TestBlocks.block(arena, i, sizes[i]));
    }
    assertThat(tier.put(blocks)).isEqualTo(sizes.length);
    for (EncodedBlock block : blocks) {
      MemorySegment target = arena.allocate(PAYLOAD + 17).fill((byte) 0x77);
      int bytes = block.header().payloadBytes();
      assertThat(tier.read(block.header().key(), target))
          .isEqualTo(new ReadOutcome.Found(block.header()));
      assertThat(target.asSlice(0, bytes).mismatch(block.payload())).isEqualTo(-1);
      assertThat(target.get(ValueLayout.JAVA_BYTE, bytes)).isEqualTo((byte) 0x77);
    }
  }

  @Test
  void saysAbsentAndLeavesTheTargetAlone() {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    MemorySegment target = arena.allocate(PAYLOAD);
    assertThat(tier.read(TestBlocks.key(2), target)).isEqualTo(new ReadOutcome.Absent());
    assertThat(target.mismatch(arena.allocate(PAYLOAD))).isEqualTo(-1);
    AtomicReference<BlockHeader> seen = new AtomicReference<>();
    assertThat(tier.with(TestBlocks.key(2), (header, payload) -> seen.set(header)))
        .isEqualTo(new ReadOutcome.Absent());
    assertThat(seen).hasNullValue();
  }

  @Test
  void readsSeveralBlocksAsItReadsEachOfThem() {
    tier.put(TestBlocks.blocks(arena, 0, 5, PAYLOAD));
    tier.remove(List.of(TestBlocks.key(1)));
    damage(TestBlocks.key(3));
    List<BlockTarget> wanted = new ArrayList<>();
    for (long number : new long[] {0, 1, 2, 3, 4, 4, 0}) {
      wanted.add(new BlockTarget(TestBlocks.key(number), arena.allocate(PAYLOAD)));
    }
    List<ReadOutcome> outcomes = tier.readAll(wanted);
    assertThat(outcomes).hasSize(wanted.size());
    assertThat(outcomes.get(1)).isInstanceOf(ReadOutcome.Absent.class);
    assertThat(outcomes.get(3)).isInstanceOf(ReadOutcome.Damaged.class);
    for (int i : new int[] {0, 2, 4, 5, 6}) {
      assertThat(outcomes.get(i)).isInstanceOf(ReadOutcome.Found.class);
      long number = ((ReadOutcome.Found) outcomes.get(i)).header().key().layer();
      assertThat(TestBlocks.key(number)).isEqualTo(wanted.get(i).key());
      assertThat(TestBlocks.matches(wanted.get(i).target(), number)).isTrue();
    }
    assertThat(tier.readAll(List.of())).isEmpty();
  }

  @Test
  void neverAnswersWithABlockWhoseKeyDiffersInTheBitsThatTheIndexCutsOff() {
    BlockKey stored = TestBlocks.key(3);
    tier.put(List.of(TestBlocks.block(arena, 3, PAYLOAD)));
    Digest256 chain = stored.chunk().chain().digest();
    Digest256 print = stored.chunk().fingerprint().digest();
    ChunkKey otherChain =
        new ChunkKey(
            stored.chunk().tenant(),
            stored.chunk().fingerprint(),
            new ChainKey(
                new Digest256(chain.first(), chain.second(), chain.third(), ~chain.fourth())));
    ChunkKey otherModel =
        new ChunkKey(
            stored.chunk().tenant(),
            new Fingerprint(
                new Digest256(print.first(), print.second(), ~print.third(), print.fourth())),
            stored.chunk().chain());
    for (ChunkKey chunk : List.of(otherChain, otherModel)) {
      BlockKey other = chunk.block(stored.layer(), stored.encoding());
      assertThat(tier.read(other, arena.allocate(PAYLOAD))).isEqualTo(new ReadOutcome.Absent());
      assertThat(tier.remove(List.of(other))).isZero();
      assertThatThrownBy(() -> tier.put(List.of(TestBlocks.of(other, 9, arena, PAYLOAD))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("first 128 bits");
    }
    assertHeld(3);
  }

  @Test
  void tellsItsListenerOfEveryBlockThatEntersAndLeaves() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    Map<BlockKey, Integer> held = new HashMap<>();
    tier.listen(
        new TierListener() {
          @Override
          public void entered(BlockHeader header) {
            assertThat(held.put(header.key(), header.payloadBytes())).isNull();
          }

          @Override
          public void left(BlockHeader header) {
            assertThat(held.remove(header.key())).isEqualTo(header.payloadBytes());
          }
        });
    tier.forEach(header -> held.put(header.key(), header.payloadBytes()));
    tier.put(TestBlocks.blocks(arena, 0, 4, PAYLOAD));
    tier.put(List.of(TestBlocks.block(arena, 3, PAYLOAD), TestBlocks.block(arena, 4, PAYLOAD / 2)));
    assertThat(tier.put(TestBlocks.blocks(arena, 5, 5 + ROOM, PAYLOAD))).isLessThan(ROOM);
    assertThat(tier.remove(List.of(TestBlocks.key(2), TestBlocks.key(2), TestBlocks.key(99))))
        .isEqualTo(1);
    Map<BlockKey, Integer> expected = new HashMap<>();
    tier.forEach(header -> expected.put(header.key(), header.payloadBytes()));
    assertThat(held).isEqualTo(expected).hasSize((int) tier.usage().blocks());
  }

  @Test
  void keepsTheFirstBlockOfAKey() {
    BlockKey key = TestBlocks.key(5);
    assertThat(tier.put(List.of(TestBlocks.of(key, 5, arena, PAYLOAD)))).isEqualTo(1);
    assertThat(tier.put(List.of(TestBlocks.of(key, 6, arena, PAYLOAD / 2)))).isEqualTo(1);
    assertHeld(5);
    assertThat(tier.usage().blocks()).isEqualTo(1);
  }

  @Test
  void keepsTheFirstBlockOfAKeyWithinABatch() {
    BlockKey key = TestBlocks.key(5);
    EncodedBlock first = TestBlocks.of(key, 5, arena, PAYLOAD);
    EncodedBlock second = TestBlocks.of(key, 6, arena, PAYLOAD / 2);
    assertThat(tier.put(List.of(first, second))).isEqualTo(2);
    assertHeld(5);
    assertThat(tier.usage().blocks()).isEqualTo(1);
    assertThat(tier.usage().payloadBytes()).isEqualTo(PAYLOAD);
  }

  @Test
  void takesAnEmptyBatch() {
    assertThat(tier.put(List.of())).isZero();
    assertThat(tier.remove(List.of())).isZero();
    assertThat(tier.usage().blocks()).isZero();
  }

  @Test
  void storesTheFrontOfABatchThatDoesNotFit() {
    assertThat(tier.put(TestBlocks.blocks(arena, 0, ROOM + 5, PAYLOAD))).isEqualTo(ROOM);
    assertHeld(0, ROOM - 1);
    assertAbsent(ROOM, ROOM + 4);
    assertThat(tier.put(TestBlocks.blocks(arena, ROOM, ROOM + 1, PAYLOAD))).isZero();
    assertThat(tier.put(TestBlocks.blocks(arena, 0, ROOM, PAYLOAD)))
        .as("blocks that are held need no room")
        .isEqualTo(ROOM);
  }

  @Test
  void refusesABlockThatCouldNeverFitAndStoresNothingOfItsBatch() {
    int bytes = 40 * PAYLOAD;
    List<EncodedBlock> batch =
        List.of(TestBlocks.block(arena, 0, PAYLOAD), TestBlocks.block(arena, 1, bytes));
    assertThatThrownBy(() -> tier.put(batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(bytes));
    assertThat(tier.usage().blocks()).isZero();
  }

  @Test
  void refusesATargetThatIsTooShort() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    assertThatThrownBy(() -> tier.read(TestBlocks.key(0), arena.allocate(PAYLOAD - 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9999")
        .hasMessageContaining("10000");
    assertHeld(0);
  }

  @Test
  void forgetsWhatIsRemovedAndCountsIt() {
    tier.put(TestBlocks.blocks(arena, 0, 6, PAYLOAD));
    List<BlockKey> keys =
        List.of(TestBlocks.key(1), TestBlocks.key(99), TestBlocks.key(4), TestBlocks.key(1));
    assertThat(tier.remove(keys)).isEqualTo(2);
    assertAbsent(1, 4);
    assertHeld(0, 2, 3, 5);
    assertThat(tier.remove(keys)).isZero();
    assertThat(tier.put(TestBlocks.blocks(arena, 1, 2, PAYLOAD))).isEqualTo(1);
    assertHeld(0, 1, 2, 3, 5);
  }

  @Test
  void showsTheHeaderOfEveryBlock() {
    List<EncodedBlock> blocks = TestBlocks.blocks(arena, 0, 7, PAYLOAD);
    tier.put(blocks);
    tier.remove(List.of(TestBlocks.key(2)));
    List<BlockHeader> seen = new ArrayList<>();
    tier.forEach(seen::add);
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            blocks.stream().map(EncodedBlock::header).filter(h -> h.key().layer() != 2).toList());
  }

  @Test
  void reportsHowFullItIs() {
    long footprint = tier.footprint(PAYLOAD);
    long capacity = tier.usage().capacityBytes();
    assertThat(capacity / footprint).isEqualTo(ROOM);
    assertThat(tier.usage()).isEqualTo(new TierUsage(0, 0, 0, capacity));
    tier.put(TestBlocks.blocks(arena, 0, 5, PAYLOAD));
    assertThat(tier.usage()).isEqualTo(new TierUsage(5, 5L * PAYLOAD, 5 * footprint, capacity));
    tier.remove(TestBlocks.blocks(arena, 0, 5, 1).stream().map(b -> b.header().key()).toList());
    assertThat(tier.usage()).isEqualTo(new TierUsage(0, 0, 0, capacity));
  }

  @Test
  void reclaimsTheOldestAndHasRoomAfterwards() {
    tier.put(TestBlocks.blocks(arena, 0, ROOM, PAYLOAD));
    long wanted = 2 * tier.footprint(PAYLOAD);
    List<BlockKey> keys = tier.reclaimable(wanted);
    assertThat(keys).contains(TestBlocks.key(0), TestBlocks.key(1)).doesNotHaveDuplicates();
    assertThat(keys).doesNotContain(TestBlocks.key(ROOM - 1));
    long before = tier.usage().usedBytes();
    assertThat(tier.remove(keys)).isEqualTo(keys.size());
    assertThat(before - tier.usage().usedBytes()).isGreaterThanOrEqualTo(wanted);
    assertThat(tier.put(TestBlocks.blocks(arena, ROOM, ROOM + 2, PAYLOAD))).isEqualTo(2);
  }

  @Test
  void reclaimsEverythingWhereThatIsNotEnoughAndNothingForNothing() {
    tier.put(TestBlocks.blocks(arena, 0, 5, PAYLOAD));
    assertThat(tier.reclaimable(Long.MAX_VALUE)).hasSize(5);
    assertThat(tier.reclaimable(0)).isEmpty();
    assertHeld(0, 1, 2, 3, 4);
  }

  @Test
  void showsAPayloadInPlace() {
    EncodedBlock block = TestBlocks.block(arena, 0, PAYLOAD);
    tier.put(List.of(block));
    List<MemorySegment> kept = new ArrayList<>();
    ReadOutcome outcome =
        tier.with(
            block.header().key(),
            (header, payload) -> {
              assertThat(header).isEqualTo(block.header());
              assertThat(payload.mismatch(block.payload())).isEqualTo(-1);
              assertThat(payload.isReadOnly()).isTrue();
              kept.add(payload);
            });
    assertThat(outcome).isEqualTo(new ReadOutcome.Found(block.header()));
    assertThatThrownBy(() -> kept.getFirst().mismatch(block.payload()))
        .as("a view that outlives its call")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void letsAReaderReadOnButNeitherChangeNorClose() {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    List<EncodedBlock> more = TestBlocks.blocks(arena, 2, 3, PAYLOAD);
    tier.with(
        TestBlocks.key(0),
        (header, payload) -> {
          assertHeld(1);
          assertThatThrownBy(() -> tier.put(more))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("changed");
          assertThatThrownBy(() -> tier.remove(List.of(TestBlocks.key(1))))
              .isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(() -> tier.close())
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("closed");
        });
    assertHeld(0, 1);
    assertThat(tier.put(more)).isEqualTo(1);
  }

  @Test
  void handsOnWhatAReaderThrowsAndWorksOn() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    assertThatThrownBy(() ->
            tier.with(
                TestBlocks.key(0),
                (header, payload) -> {
                  throw new UnsupportedOperationException("the reader's own");
                }))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("the reader's own");
    assertHeld(0);
    assertThat(tier.remove(List.of(TestBlocks.key(0)))).isEqualTo(1);
  }

  @Test
  void reportsAFlippedBitAndDeliversNothing() {
    tier.put(TestBlocks.blocks(arena, 0, 3, PAYLOAD));
    damage(TestBlocks.key(1));
    assertThat(tier.read(TestBlocks.key(1), arena.allocate(PAYLOAD)))
        .isInstanceOfSatisfying(
            ReadOutcome.Damaged.class, damaged -> assertThat(damaged.reason()).contains("CRC"));
    AtomicReference<BlockHeader> seen = new AtomicReference<>();
    assertThat(tier.with(TestBlocks.key(1), (header, payload) -> seen.set(header)))
        .isInstanceOf(ReadOutcome.Damaged.class);
    assertThat(seen).hasNullValue();
    assertHeld(0, 2);
  }

  @Test
  void holdsABlockAgainThatWasDamagedAndRemoved() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    damage(TestBlocks.key(0));
    assertThat(tier.remove(List.of(TestBlocks.key(0)))).isEqualTo(1);
    assertThat(tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isEqualTo(1);
    assertHeld(0);
  }

  @Test
  void refusesEveryCallAfterClose() {
    List<EncodedBlock> blocks = TestBlocks.blocks(arena, 0, 1, PAYLOAD);
    tier.put(blocks);
    tier.close();
    assertThatCode(() -> tier.close()).doesNotThrowAnyException();
    BlockKey key = TestBlocks.key(0);
    assertClosed(() -> tier.put(blocks));
    assertClosed(() -> tier.read(key, arena.allocate(PAYLOAD)));
    assertClosed(() -> tier.with(key, (header, payload) -> {}));
    assertClosed(() -> tier.remove(List.of(key)));
    assertClosed(() -> tier.reclaimable(1));
    assertClosed(() -> tier.forEach(header -> {}));
    assertClosed(() -> tier.usage());
  }

  private static void assertClosed(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  /** Asserts that the tier delivers each of these blocks bit for bit. */
  protected final void assertHeld(long... numbers) {
    for (long number : numbers) {
      MemorySegment target = arena.allocate(PAYLOAD);
      assertThat(tier.read(TestBlocks.key(number), target))
          .as("block %d", number)
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(target, number)).as("bytes of block %d", number).isTrue();
    }
  }

  /** Asserts that the tier holds none of these blocks. */
  protected final void assertAbsent(long... numbers) {
    for (long number : numbers) {
      assertThat(tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD)))
          .as("block %d", number)
          .isEqualTo(new ReadOutcome.Absent());
    }
  }
}
