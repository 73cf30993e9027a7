package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.store.BlockTier;
import dev.varve.store.ssd.Durability;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/**
 * Durable puts and reads of the SSD tier beside one plain file with the same bytes. Every pair has
 * a fresh store and a fresh file in the same folder; who goes first alternates.
 */
public final class SsdBench {

  /** Goal P9: share of the plain write. */
  public static final double PUT_GOAL = 0.7;

  /** Goal P9: share of the plain read past the page cache. */
  public static final double COLD_GOAL = 0.8;

  private static final long SEGMENT_BYTES = 256L << 20;
  private static final int ROOM = 2;
  private static final long PAGE = 4096;

  private final Settings settings;
  private final Optional<PageCache> pageCache = PageCache.find();

  /**
   * What to measure.
   *
   * @param bytes what one measurement moves
   * @param batchBytes what is synced at once
   * @param pairs pairs to measure
   */
  public record Settings(long bytes, long batchBytes, int pairs) {}

  /** Bytes a second of one side of a pair; no cold read where the page cache cannot be dropped. */
  private record Rates(double put, double cold, double warm) {}

  public SsdBench(Settings settings) {
    this.settings = settings;
  }

  /** Whether reads from the disk itself can be measured here. */
  public boolean measuresColdReads() {
    return pageCache.isPresent();
  }

  /**
   * Measures in {@code folder}; one uncounted pair comes first.
   *
   * @param progress hears how many pairs are done
   */
  public List<Comparison> run(Path folder, IntConsumer progress) throws IOException {
    List<Rates> ours = new ArrayList<>();
    List<Rates> probes = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      BenchBlocks blocks = BenchBlocks.make(settings.bytes(), arena);
      for (int pair = 0; pair <= settings.pairs(); pair++) {
        progress.accept(pair);
        if (pair % 2 == 0) {
          ours.add(tier(folder, blocks));
          probes.add(file(folder, blocks.memory()));
        } else {
          probes.add(file(folder, blocks.memory()));
          ours.add(tier(folder, blocks));
        }
      }
    }
    return compare(ours.subList(1, ours.size()), probes.subList(1, probes.size()));
  }

  private List<Comparison> compare(List<Rates> ours, List<Rates> probes) {
    List<Comparison> found = new ArrayList<>();
    found.add(
        Comparison.of(
            new Question("SSD put, durable", "write + fsync", OptionalDouble.of(PUT_GOAL)),
            ours.stream().mapToDouble(Rates::put).toArray(),
            probes.stream().mapToDouble(Rates::put).toArray()));
    if (measuresColdReads()) {
      found.add(
          Comparison.of(
              new Question("SSD read, cold", "O_DIRECT read", OptionalDouble.of(COLD_GOAL)),
              ours.stream().mapToDouble(Rates::cold).toArray(),
              probes.stream().mapToDouble(Rates::cold).toArray()));
    }
    found.add(
        Comparison.of(
            new Question("SSD read, warm", "cached read", OptionalDouble.empty()),
            ours.stream().mapToDouble(Rates::warm).toArray(),
            probes.stream().mapToDouble(Rates::warm).toArray()));
    return found;
  }

  private Rates tier(Path folder, BenchBlocks blocks) throws IOException {
    try (TemporaryFolder place = TemporaryFolder.in(folder);
        Arena arena = Arena.ofConfined()) {
      MemorySegment landing = arena.allocate(BenchBlocks.blockBytes(), PAGE);
      long capacity = ROOM * blocks.memory().byteSize() + SEGMENT_BYTES;
      SsdTierConfig config =
          new SsdTierConfig(place.path(), capacity, SEGMENT_BYTES, new Durability.Sync());
      try (BlockTier tier = SsdTier.open(config)) {
        double put = TierWork.put(tier, blocks.batches(settings.batchBytes()));
        double cold = 0;
        if (pageCache.isPresent()) {
          pageCache.get().dropAll(place.path());
          cold = TierWork.read(tier, blocks.keys(), landing);
        }
        TierWork.read(tier, blocks.keys(), landing);
        return new Rates(put, cold, TierWork.read(tier, blocks.keys(), landing));
      }
    }
  }

  private Rates file(Path folder, MemorySegment bytes) throws IOException {
    try (TemporaryFolder place = TemporaryFolder.in(folder)) {
      PlainFile file = new PlainFile(place.path().resolve("probe"));
      double put = file.write(bytes, settings.batchBytes());
      double cold = 0;
      if (pageCache.isPresent()) {
        pageCache.get().dropAll(place.path());
        cold = file.readDirect();
      }
      file.read();
      return new Rates(put, cold, file.read());
    }
  }
}
