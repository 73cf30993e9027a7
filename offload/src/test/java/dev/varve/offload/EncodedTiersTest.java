package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.varve.compression.Encodings;
import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.offload.variant.Coding;
import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedTiersTest {

  private static final Encoding INT8 = Encodings.parse("int8");
  private static final Encoding FP8 = Encodings.parse("fp8");

  private final Arena arena = Arena.ofConfined();
  private final MapTier host = new MapTier(Tier.HOST, 40);
  private final MapTier ssd = new MapTier(Tier.SSD, 40);

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void everyTierHoldsWhatItAskedForOfTheSealedBytes() {
    try (SmallCache cache = cache("host=int8 ssd=fp8")) {
      Chunk chunk = cache.claimedChunk(3);
      leaveHot(cache);

      assertThat(payload(host, chunk, INT8).mismatch(encoded(cache, chunk, 3, INT8))).isEqualTo(-1);
      assertThat(payload(ssd, chunk, FP8).mismatch(encoded(cache, chunk, 3, FP8)))
          .as("made of what was sealed, not of what HOST holds")
          .isEqualTo(-1);
      assertThat(cache.counters.passedOn(Tier.SSD)).isZero();
      assertThat(cache.counters.sealedBytes(Tier.HOST)).isEqualTo(2L * 2048);
      assertThat(cache.counters.writtenBytes(Tier.HOST))
          .isEqualTo(payload(host, chunk, INT8).byteSize() * 2);
      chunk.unclaim();
    }
  }

  @Test
  void aTierIsGivenNoSecondCopyInAnotherEncoding() {
    try (SmallCache cache = cache("host=int8 ssd=fp8")) {
      Chunk chunk = cache.claimedChunk(3);
      leaveHot(cache);
      // As by a thread that saw SSD without the block before another one wrote it.
      int done = copies(cache).carry(SmallCache.places(List.of(chunk)), ssd);

      assertThat(done).as("places that need no more care").isEqualTo(2);
      assertThat(ssd.usage().blocks()).isEqualTo(2);
      assertThat(ssd.holds(chunk.key().block(0, INT8))).as("what HOST would pass on").isFalse();
      chunk.unclaim();
    }
  }

  private CopyDown copies(SmallCache cache) {
    Tiers tiers = cache.tiers;
    return new CopyDown(
        tiers,
        new ChunkOrders(tiers.lower(), tiers.catalog(), tiers.geometry(), PolicyKind.LRU, () -> 0),
        cache.counters,
        Tenancy.unlimited(tiers.catalog()),
        MoveSettings.DEFAULT.retries(),
        () -> 0);
  }

  @Test
  void bytesOfOneEncodingTravelAsTheyAre() {
    MapTier small = new MapTier(Tier.HOST, 2);
    try (SmallCache cache =
        new SmallCache("host=int8 ssd=int8", 8, MoveSettings.DEFAULT, small, ssd)) {
      Chunk first = cache.claimedChunk(1);
      leaveHot(cache);
      assertThat(ssd.usage().blocks()).as("not before HOST needs room").isZero();
      Chunk second = cache.claimedChunk(2);
      leaveHot(cache);

      assertThat(payload(ssd, first, INT8).mismatch(encoded(cache, first, 1, INT8))).isEqualTo(-1);
      assertThat(cache.counters.passedOn(Tier.SSD)).isZero();
      assertThat(read(cache, first)).isCloseTo(SmallCache.element(1, 0, 99), offset(0.004f));
      first.unclaim();
      second.unclaim();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"host=lossless", "ssd=lossless", "host=lossless ssd=lossless"})
  void exactEncodingsAreMadeOfEachOther(String encodings) {
    MapTier small = new MapTier(Tier.HOST, 2);
    try (SmallCache cache = new SmallCache(encodings, 8, MoveSettings.DEFAULT, small, ssd)) {
      assertThat(cache.tiers.variants().lineages().exact()).isEqualTo(cache.lineage);
      Chunk first = cache.claimedChunk(1);
      zeros(cache, first);
      leaveHot(cache);
      Chunk second = cache.claimedChunk(2);
      zeros(cache, second);
      leaveHot(cache);

      Encoding below = cache.tiers.variants().planned(first, Tier.SSD);
      assertThat(ssd.holds(first.key().block(0, below))).isTrue();
      assertThat(cache.counters.passedOn(Tier.SSD)).isZero();
      assertThat(cache.counters.unapplied(Tier.HOST)).isZero();
      MemorySegment expected = arena.allocate(4096);
      expected.set(ValueLayout.JAVA_INT, 0, 10);
      MemorySegment bytes = arena.allocate(4096);
      BlockFetcher fetcher = new BlockFetcher(cache.tiers, cache.counters);
      assertThat(fetcher.read(first, 0, bytes)).contains(Tier.SSD);
      assertThat(bytes.mismatch(expected)).isEqualTo(-1);
      first.unclaim();
      second.unclaim();
    }
  }

  /** Leaves the mark alone, so that even a small block can be written smaller. */
  private static void zeros(SmallCache cache, Chunk chunk) {
    for (int layer = 0; layer < SmallCache.LAYERS; layer++) {
      cache.pool.resident(chunk.hotHandle(layer)).asSlice(4, 2044).fill((byte) 0);
    }
  }

  @Test
  void whatCameUpAgainIsNeverEncoded() {
    try (SmallCache cache = cache("host=int8 ssd=fp8")) {
      ssd.breakDown();
      Chunk chunk = cache.claimedChunk(4);
      leaveHot(cache);
      ssd.repair();
      prefetch(cache, chunk);
      assertThat(chunk.in(Tier.HOT, 0)).isTrue();
      assertThat(chunk.originalHandle(0)).isEqualTo(Chunk.NOT_HOT);

      assertThat(cache.mover.persist(List.of(chunk))).isZero();

      assertThat(payload(ssd, chunk, INT8).mismatch(encoded(cache, chunk, 4, INT8)))
          .as("as HOST has it")
          .isEqualTo(-1);
      assertThat(cache.counters.passedOn(Tier.SSD)).isEqualTo(2);
      assertThat(ssd.holds(chunk.key().block(0, FP8))).isFalse();
      chunk.unclaim();
    }
  }

  @Test
  void theLowerCopyOfWhatIsHotAgainIsTheOneThatCounts() {
    MapTier small = new MapTier(Tier.HOST, 2);
    try (SmallCache cache = new SmallCache("host=int8", 8, MoveSettings.DEFAULT, small)) {
      Chunk chunk = cache.claimedChunk(5);
      leaveHot(cache);
      prefetch(cache, chunk);
      Chunk other = cache.claimedChunk(6);
      long[] slots = new long[6];
      int have = cache.mover.takeHotSlots(slots);
      for (int i = 0; i < have; i++) {
        cache.pool.discard(slots[i]);
      }

      assertThat(chunk.in(Tier.HOST, 0)).as("HOST was full, and nothing else may go").isTrue();
      assertThat(other.in(Tier.HOT, 0)).isTrue();
      chunk.unclaim();
      other.unclaim();
    }
  }

  @Test
  void aCopyThatIsTheLastOneGoesDownRaw() {
    try (SmallCache cache = cache("host=int8 ssd=int8")) {
      Chunk chunk = cache.claimedChunk(7);
      leaveHot(cache);
      prefetch(cache, chunk);
      MemorySegment hot = arena.allocate(2048);
      hot.copyFrom(cache.pool.resident(chunk.hotHandle(0)).asSlice(0, 2048));
      for (int layer = 0; layer < SmallCache.LAYERS; layer++) {
        host.remove(List.of(chunk.key().block(layer, INT8)));
        chunk.drop(layer, Tier.HOST);
      }
      leaveHot(cache);

      assertThat(payload(host, chunk, Encoding.RAW).mismatch(hot)).isEqualTo(-1);
      assertThat(cache.counters.unapplied(Tier.HOST)).isEqualTo(2);
      assertThat(read(cache, chunk)).isCloseTo(SmallCache.element(7, 0, 99), offset(0.004f));
      chunk.unclaim();
    }
  }

  @Test
  void whatAnEncodingRefusesGoesDownRawAndIsCounted() {
    try (SmallCache cache = cache("host=int8 ssd=fp8")) {
      Chunk chunk = cache.claimedChunk(8);
      cache
          .pool
          .resident(chunk.hotHandle(0))
          .setAtIndex(ValueLayout.JAVA_FLOAT, 99, Float.POSITIVE_INFINITY);
      leaveHot(cache);

      assertThat(host.holds(chunk.key().block(0, Encoding.RAW))).isTrue();
      assertThat(host.holds(chunk.key().block(1, INT8))).isTrue();
      assertThat(read(cache, chunk)).isEqualTo(Float.POSITIVE_INFINITY);
      assertThat(cache.counters.unapplied(Tier.HOST)).isEqualTo(1);
      assertThat(cache.counters.unapplied(Tier.SSD)).isEqualTo(1);
      chunk.unclaim();
    }
  }

  @Test
  void aPayloadThatItsCodecRefusesIsAMiss() {
    try (SmallCache cache = cache("host=int8")) {
      Chunk chunk = cache.claimedChunk(9);
      leaveHot(cache);
      // This tier checks nothing, so the codec must.
      payload(host, chunk, INT8).set(ValueLayout.JAVA_INT, 0, 42);
      BlockFetcher fetcher = new BlockFetcher(cache.tiers, cache.counters);

      assertThat(fetcher.read(chunk, 0, arena.allocate(4096))).isEmpty();
      assertThat(cache.counters.damaged(Tier.HOST)).isEqualTo(1);
      assertThat(cache.counters.lost()).isEqualTo(1);
      assertThat(chunk.in(Tier.HOST, 0)).isFalse();
      assertThat(host.holds(chunk.key().block(0, INT8))).isFalse();
      chunk.unclaim();
    }
  }

  @Test
  void nothingOfAForgottenChunkStays() {
    try (SmallCache cache = cache("host=int8 ssd=fp8")) {
      Chunk chunk = cache.claimedChunk(10);
      leaveHot(cache);
      chunk.unclaim();
      cache.mover.drop(List.of(chunk.key()));

      assertThat(host.usage().blocks()).isZero();
      assertThat(ssd.usage().blocks()).isZero();
    }
  }

  private SmallCache cache(String encodings) {
    MapTier[] lower = encodings.contains("ssd") ? new MapTier[] {host, ssd} : new MapTier[] {host};
    return new SmallCache(encodings, 8, MoveSettings.DEFAULT, lower);
  }

  /** Has everything leave HOT. */
  private static void leaveHot(SmallCache cache) {
    long[] all = new long[cache.pool.slotCount()];
    assertThat(cache.mover.takeHotSlots(all)).isEqualTo(all.length);
    for (long slot : all) {
      cache.pool.discard(slot);
    }
  }

  private static void prefetch(SmallCache cache, Chunk chunk) {
    List<Chunk> chunks = List.of(chunk);
    cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks));
    while (cache.prefetcher.work() > 0) {
      assertThat(chunk.claimed()).isTrue();
    }
  }

  /** What the block of layer 0 is in {@code encoding}. */
  private MemorySegment encoded(SmallCache cache, Chunk chunk, int mark, Encoding encoding) {
    MemorySegment sealed = arena.allocate(2048, 64);
    SmallCache.fill(sealed, mark, 0);
    Coding coding = cache.tiers.variants().encode(chunk, 0, encoding, sealed, arena);
    assertThat(coding.refused()).isFalse();
    return coding.payload();
  }

  private float read(SmallCache cache, Chunk chunk) {
    MemorySegment bytes = arena.allocate(4096);
    assertThat(new BlockFetcher(cache.tiers, cache.counters).read(chunk, 0, bytes)).isPresent();
    return bytes.getAtIndex(ValueLayout.JAVA_FLOAT, 99);
  }

  private static MemorySegment payload(MapTier tier, Chunk chunk, Encoding encoding) {
    BlockKey key = chunk.key().block(0, encoding);
    List<MemorySegment> found = new ArrayList<>();
    assertThat(tier.with(key, (_, payload) -> found.add(payload)))
        .as("%s in %s", key, tier.tier())
        .isInstanceOf(ReadOutcome.Found.class);
    return found.getFirst();
  }
}
