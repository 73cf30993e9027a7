package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.store.ssd.Durability;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/**
 * Durable puts and cold reads of the SSD tier, beside LMDB with the same values in it and beside
 * one plain file past the page cache. All three write the same bytes into the same folder, first
 * into new room and then over it; who goes first rotates.
 */
public final class SsdBench {

  /** Goal P9: times the put of plain LMDB. */
  public static final double LMDB_GOAL = 1.5;

  /** Goal P9, the other way to reach it: share of the plain write. */
  public static final double WRITE_GOAL = 0.7;

  /** Goal P9: share of the plain read past the page cache. */
  public static final double READ_GOAL = 0.8;

  private static final long SEGMENT_BYTES = 256L << 20;
  private static final int ROOM = 2;
  private static final int AT_ONCE = 8;
  private static final int READ_PASSES = 5;
  private static final long PAGE = 4096;
  private static final long UNALIGNED = 64;

  private final Settings settings;

  /**
   * What to measure.
   *
   * @param bytes what one measurement moves
   * @param batchBytes what is synced at once
   * @param pairs pairs to measure
   */
  public record Settings(long bytes, long batchBytes, int pairs) {}

  private enum Side {
    PUT_NEW,
    PUT_AGAIN,
    READ_ALIGNED,
    READ_TOGETHER,
    READ_COPIED,
    LMDB_NEW,
    LMDB_AGAIN,
    FILE_NEW,
    FILE_AGAIN,
    FILE_READ
  }

  @FunctionalInterface
  private interface Turn {
    void take(Path folder, BenchBlocks blocks, Map<Side, Double> rates) throws IOException;
  }

  @FunctionalInterface
  private interface Pass {
    double rate() throws IOException;
  }

  public SsdBench(Settings settings) {
    this.settings = settings;
  }

  /**
   * Measures in {@code folder}; one uncounted pair comes first.
   *
   * @param progress hears how many pairs are done
   */
  public List<Comparison> run(Path folder, IntConsumer progress) throws IOException {
    List<Map<Side, Double>> pairs = new ArrayList<>();
    List<Turn> turns = List.of(this::tier, this::lmdb, SsdBench::file);
    try (Arena arena = Arena.ofConfined()) {
      BenchBlocks blocks = BenchBlocks.make(settings.bytes(), arena);
      for (int pair = 0; pair <= settings.pairs(); pair++) {
        progress.accept(pair);
        Map<Side, Double> rates = new EnumMap<>(Side.class);
        List<Turn> order = new ArrayList<>(turns);
        Collections.rotate(order, pair);
        for (Turn turn : order) {
          try (TemporaryFolder place = TemporaryFolder.in(folder)) {
            turn.take(place.path(), blocks, rates);
          }
        }
        pairs.add(rates);
      }
    }
    return compare(pairs.subList(1, pairs.size()));
  }

  private static List<Comparison> compare(List<Map<Side, Double>> pairs) {
    OptionalDouble lmdb = OptionalDouble.of(LMDB_GOAL);
    OptionalDouble write = OptionalDouble.of(WRITE_GOAL);
    OptionalDouble read = OptionalDouble.of(READ_GOAL);
    return List.of(
        of(pairs, Side.PUT_AGAIN, Side.LMDB_AGAIN, "SSD put, recycled", "LMDB, reusing", lmdb),
        of(pairs, Side.PUT_NEW, Side.LMDB_NEW, "SSD put, new files", "LMDB, growing", lmdb),
        of(pairs, Side.PUT_AGAIN, Side.FILE_AGAIN, "SSD put, recycled", "file, in place", write),
        of(pairs, Side.PUT_NEW, Side.FILE_NEW, "SSD put, new files", "file, new", write),
        of(pairs, Side.READ_ALIGNED, Side.FILE_READ, "SSD read, cold", "file, 1 MiB", read),
        of(
            pairs,
            Side.READ_TOGETHER,
            Side.FILE_READ,
            "SSD read, cold, 8 at once",
            "file, 1 MiB",
            read),
        of(pairs, Side.READ_COPIED, Side.FILE_READ, "SSD read, cold, copied", "file, 1 MiB", read));
  }

  private static Comparison of(
      List<Map<Side, Double>> pairs,
      Side ours,
      Side probe,
      String name,
      String peer,
      OptionalDouble goal) {
    return Comparison.of(new Question(name, peer, goal), rates(pairs, ours), rates(pairs, probe));
  }

  private static double[] rates(List<Map<Side, Double>> pairs, Side side) {
    return pairs.stream().mapToDouble(rates -> rates.getOrDefault(side, Double.NaN)).toArray();
  }

  private void tier(Path folder, BenchBlocks blocks, Map<Side, Double> rates) throws IOException {
    long capacity = ROOM * blocks.memory().byteSize() + SEGMENT_BYTES;
    SsdTierConfig config =
        new SsdTierConfig(folder, capacity, SEGMENT_BYTES, new Durability.Sync());
    try (SsdTier tier = SsdTier.open(config);
        Arena arena = Arena.ofConfined()) {
      rates.put(Side.PUT_NEW, TierWork.put(tier, blocks.batches(settings.batchBytes())));
      tier.remove(blocks.keys());
      rates.put(Side.PUT_AGAIN, TierWork.put(tier, blocks.batches(settings.batchBytes())));
      MemorySegment page = arena.allocate(BenchBlocks.blockBytes(), PAGE);
      rates.put(Side.READ_ALIGNED, reading(() -> TierWork.read(tier, blocks.keys(), page)));
      MemorySegment eight = arena.allocate(AT_ONCE * BenchBlocks.blockBytes(), PAGE);
      rates.put(
          Side.READ_TOGETHER, reading(() -> TierWork.readTogether(tier, blocks.keys(), eight)));
      MemorySegment any = arena.allocate(BenchBlocks.blockBytes() + PAGE, PAGE).asSlice(UNALIGNED);
      rates.put(Side.READ_COPIED, reading(() -> TierWork.read(tier, blocks.keys(), any)));
    }
  }

  /** The median of a few passes: a disk that was just written to answers unevenly. */
  private static double reading(Pass pass) throws IOException {
    double[] rates = new double[READ_PASSES];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = pass.rate();
    }
    Arrays.sort(rates);
    return rates[rates.length / 2];
  }

  private void lmdb(Path folder, BenchBlocks blocks, Map<Side, Double> rates) {
    try (LmdbProbe probe = new LmdbProbe(folder, ROOM * blocks.memory().byteSize())) {
      rates.put(Side.LMDB_NEW, probe.put(blocks.batches(settings.batchBytes())));
      probe.clear();
      rates.put(Side.LMDB_AGAIN, probe.put(blocks.batches(settings.batchBytes())));
    }
  }

  private static void file(Path folder, BenchBlocks blocks, Map<Side, Double> rates)
      throws IOException {
    Path path = Files.createFile(folder.resolve("probe"));
    PlainFile file = PlainFile.of(path);
    rates.put(Side.FILE_NEW, file.write(blocks.memory()));
    rates.put(Side.FILE_AGAIN, file.write(blocks.memory()));
    rates.put(Side.FILE_READ, reading(file::read));
  }
}
