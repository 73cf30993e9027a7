package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.offload.variant.TierEncodings;
import dev.varve.offload.variant.Variants;
import dev.varve.store.BlockTier;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.hot.HotPool;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A hot pool of blocks of two layers over tiers of the test's choice. */
final class SmallCache implements AutoCloseable {

  static final int LAYERS = 2;
  private static final ModelShape SHAPE =
      ModelShape.uniform(LAYERS, LayerShape.grouped(2, 1, 8, RopeSpec.none()), Dtype.F32);
  private static final Fingerprint MODEL = Fingerprint.of("model", SHAPE, 32);
  private static final ModelGeometry GEOMETRY = ModelGeometry.of(SHAPE, 32);

  final Fingerprint lineage;
  final Counters counters = new Counters();
  final Doorbell doorbell = new Doorbell();
  final HotPool pool;
  final Tiers tiers;
  final Mover mover;
  final Prefetcher prefetcher;
  private final ChunkOrders orders;

  SmallCache(int slots, MoveSettings settings, BlockTier... lower) {
    this("", slots, settings, lower);
  }

  /** Whose chunks accept everything that the tiers write. */
  SmallCache(String encodings, int slots, MoveSettings settings, BlockTier... lower) {
    Variants variants =
        Variants.of(MODEL, GEOMETRY, TierEncodings.parse(encodings), Backend.SCALAR);
    lineage = variants.lineages().accepting(_ -> true);
    pool = new HotPool(slots * 4096L, GEOMETRY.largestBlock());
    tiers = new Tiers(pool, List.of(lower), new ChunkCatalog(), GEOMETRY, variants);
    orders = new ChunkOrders(List.of(lower), tiers.catalog(), GEOMETRY, PolicyKind.LRU, () -> 0);
    Tenancy unlimited = Tenancy.unlimited(tiers.catalog());
    mover = new Mover(tiers, orders, counters, unlimited, settings, doorbell, System::nanoTime);
    prefetcher =
        new Prefetcher(
            tiers, new BlockFetcher(tiers, counters), orders, mover, counters, doorbell, settings);
  }

  /** A hot chunk whose blocks begin with {@code mark} and the layer; claimed for the caller. */
  Chunk claimedChunk(int mark) {
    Chunk chunk = claimedChunkIfRoom(mark);
    assertThat(chunk).as("chunk %d, for which slots are needed", mark).isNotNull();
    return Objects.requireNonNull(chunk);
  }

  /** The same; null if no hot slot can be had. */
  @Nullable Chunk claimedChunkIfRoom(int mark) {
    ChainKey root = ChainKey.root(Tenant.NONE, lineage);
    ChunkKey key = new ChunkKey(Tenant.NONE, lineage, root.next(new int[] {mark}, 0, 1));
    long[] slots = new long[LAYERS];
    int have = mover.takeHotSlots(slots);
    if (have < LAYERS) {
      Arrays.stream(slots, 0, have).forEach(pool::discard);
      return null;
    }
    Chunk chunk = tiers.catalog().claimOrAdd(new Chunk(key, new ChunkSpan(root, 0, 32, LAYERS)));
    for (int layer = 0; layer < LAYERS; layer++) {
      fill(pool.filling(slots[layer]), mark, layer);
      pool.publish(slots[layer]);
      if (!chunk.placeHot(layer, slots[layer])) {
        assertThat(pool.retire(slots[layer])).isTrue();
      }
    }
    orders.touched(chunk);
    return chunk;
  }

  /** A mark in the first token, which stays exact, and numbers in the others that depend on it. */
  static void fill(MemorySegment block, int mark, int layer) {
    float[] elements = new float[(int) (GEOMETRY.largestBlock() / Float.BYTES)];
    for (int at = 0; at < elements.length; at++) {
      elements[at] = element(mark, layer, at);
    }
    MemorySegment.copy(elements, 0, block, ValueLayout.JAVA_FLOAT, 0, elements.length);
    block.set(ValueLayout.JAVA_INT, 0, mark * 10 + layer);
  }

  /** Between -1 and 1, and quick to make: threads are to meet in the cache, not here. */
  static float element(int mark, int layer, long at) {
    return ((mark * 7919 + layer * 3571 + at * 373) % 2003 - 1001) / 1001f;
  }

  /** Chunks that lie below HOT only; not claimed. */
  List<Chunk> farChunks(int count) {
    List<Chunk> chunks = new ArrayList<>();
    for (int mark = 0; mark < count; mark++) {
      Chunk chunk = claimedChunk(mark);
      assertThat(mover.persist(List.of(chunk))).isZero();
      chunks.add(chunk);
      chunk.unclaim();
    }
    long[] all = new long[pool.slotCount()];
    assertThat(mover.takeHotSlots(all)).isEqualTo(all.length);
    for (long slot : all) {
      pool.discard(slot);
    }
    return chunks;
  }

  /** All blocks of {@code chunks}, chunk by chunk. */
  static List<Place> places(List<Chunk> chunks) {
    List<Place> places = new ArrayList<>();
    for (Chunk chunk : chunks) {
      for (int layer = 0; layer < LAYERS; layer++) {
        places.add(new Place(chunk, layer));
      }
    }
    return places;
  }

  /** Claims all of {@code chunks}. */
  static List<Chunk> claim(List<Chunk> chunks) {
    chunks.forEach(chunk -> assertThat(chunk.claim()).isTrue());
    return chunks;
  }

  /** What the block begins with, where it is hot. */
  int hotMark(Place place) {
    long handle = place.chunk().hotHandle(place.layer());
    return pool.resident(handle).get(ValueLayout.JAVA_INT, 0);
  }

  @Override
  public void close() {
    assertThat(pool.openLeases()).isZero();
    pool.close();
  }
}
