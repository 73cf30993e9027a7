package dev.varve.offload.transfer;

import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Digest256;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import dev.varve.store.TierUsage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a tier when it is opened, before sessions use it. A tier that holds blocks is only read:
 * some blocks of this model, once each, for a second read would come out of a cache. An empty tier
 * of ample room is given two blocks under a reserved fingerprint that no model has, which are read
 * and removed. Any other tier stays unknown until its first read. Reads end after {@value
 * #MOST_NANOS} ns or {@value #MOST_BYTES} bytes, whichever is first, but not before one read.
 */
public final class TierProbe {

  private static final Logger LOG = LoggerFactory.getLogger(TierProbe.class);

  static final long MOST_NANOS = 20_000_000;
  static final long MOST_BYTES = 16L << 20;

  private static final int SAMPLES = 40;
  private static final int ROUNDS = 5;
  private static final int AMPLE = 16;
  private static final int SMALL_SHARE = 8;

  /** The reserved chunk; its two layers are the small and the large block. */
  static final ChunkKey RESERVED = reserved();

  private final BlockTier tier;
  private final ChunkCatalog catalog;
  private final ModelGeometry geometry;
  private final TierSpeeds speeds;

  private TierProbe(
      BlockTier tier, ChunkCatalog catalog, ModelGeometry geometry, TierSpeeds speeds) {
    this.tier = tier;
    this.catalog = catalog;
    this.geometry = geometry;
    this.speeds = speeds;
  }

  /**
   * Measures {@code tier} into {@code speeds}. A tier that cannot be written is left unknown; that
   * is logged.
   *
   * @param catalog what the tiers hold
   * @param model the model whose blocks may be read
   */
  public static void run(
      BlockTier tier,
      ChunkCatalog catalog,
      ModelGeometry geometry,
      Fingerprint model,
      TierSpeeds speeds) {
    TierProbe probe = new TierProbe(tier, catalog, geometry, speeds);
    try {
      probe.removeLeftOver();
      if (tier.usage().blocks() > 0) {
        probe.measure(probe.stored(model), 1);
      } else {
        probe.measureWithBlocksOfItsOwn();
      }
    } catch (StoreException e) {
      LOG.warn("{} could not be measured: {}", tier.tier(), e.getMessage());
    }
  }

  /** Takes away what a probe left in a durable tier when its process died. */
  private void removeLeftOver() {
    @Nullable Chunk chunk = catalog.peek(RESERVED);
    if (chunk == null) {
      return;
    }
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (chunk.in(tier.tier(), layer)) {
        chunk.drop(layer, tier.tier());
        tier.remove(List.of(RESERVED.block(layer, Encoding.RAW)));
      }
    }
    if (!chunk.anywhere()) {
      catalog.forget(chunk);
    }
  }

  private List<Sample> stored(Fingerprint model) {
    List<Sample> samples = new ArrayList<>();
    catalog.forEach(chunk -> {
      if (samples.size() < SAMPLES && chunk.key().fingerprint().equals(model)) {
        sampleOf(chunk, samples);
      }
    });
    return samples;
  }

  private void sampleOf(Chunk chunk, List<Sample> samples) {
    int layers = Math.min(chunk.layers(), geometry.shape().layerCount());
    for (int i = 0; i < layers; i++) {
      int layer = (i + samples.size()) % layers;
      if (geometry.shape().owns(layer) && chunk.in(tier.tier(), layer)) {
        BlockKey key = chunk.key().block(layer, Encoding.RAW);
        samples.add(new Sample(key, geometry.block(layer).bytes()));
        return;
      }
    }
  }

  private void measureWithBlocksOfItsOwn() {
    long large = geometry.largestBlock();
    long small = Math.max(BlockGeometry.ALIGNMENT, large / SMALL_SHARE);
    TierUsage usage = tier.usage();
    if (AMPLE * tier.footprint(Math.toIntExact(large)) > usage.capacityBytes()) {
      return;
    }
    List<Sample> samples =
        List.of(
            new Sample(RESERVED.block(0, Encoding.RAW), small),
            new Sample(RESERVED.block(1, Encoding.RAW), large));
    try (Arena arena = Arena.ofConfined()) {
      ChunkSpan span = new ChunkSpan(RESERVED.chain(), 0, 1, samples.size());
      List<EncodedBlock> blocks =
          samples.stream()
              .map(sample ->
                  EncodedBlock.seal(
                      sample.key(), span, arena.allocate(sample.bytes(), BlockGeometry.ALIGNMENT)))
              .toList();
      tier.put(blocks);
      measure(samples, ROUNDS);
    } finally {
      tier.remove(samples.stream().map(Sample::key).toList());
    }
  }

  /** Reads the samples round by round and notes the median of each length. */
  private void measure(List<Sample> samples, int rounds) {
    Map<Long, List<Long>> nanosByLength = new TreeMap<>();
    long begin = speeds.nanoTime();
    long bytes = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(geometry.largestBlock(), BlockGeometry.ALIGNMENT);
      for (int i = 0; i < rounds * samples.size(); i++) {
        Sample sample = samples.get(i % samples.size());
        long start = speeds.nanoTime();
        // A damaged block stays for the session that asks for it, which counts and drops it.
        if (tier.read(sample.key(), target) instanceof ReadOutcome.Found) {
          nanosByLength
              .computeIfAbsent(sample.bytes(), length -> new ArrayList<>())
              .add(speeds.nanoTime() - start);
        }
        bytes += sample.bytes();
        if (bytes >= MOST_BYTES || speeds.nanoTime() - begin >= MOST_NANOS) {
          break;
        }
      }
    }
    nanosByLength.forEach(this::note);
  }

  /**
   * The median, for the first reads of a process are no measure; it counts as often as was read.
   */
  private void note(long bytes, List<Long> nanos) {
    Collections.sort(nanos);
    long median = nanos.get(nanos.size() / 2);
    nanos.forEach(_ -> speeds.read(tier.tier(), bytes, median));
  }

  private static ChunkKey reserved() {
    var digest = Digest256.sha256();
    digest.update("varve tier probe".getBytes(StandardCharsets.US_ASCII));
    Fingerprint fingerprint = new Fingerprint(Digest256.finish(digest));
    return new ChunkKey(Tenant.NONE, fingerprint, ChainKey.root(Tenant.NONE, fingerprint));
  }

  /** A block to be read and its length. */
  private record Sample(BlockKey key, long bytes) {}
}
