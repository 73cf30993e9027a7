package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * Measures the SSD tier beside LMDB with the same values in it and beside one plain file past the
 * page cache, all in turns: {@code SsdBenchMain FOLDER MEBIBYTES BLOCKS_PER_BATCH PAIRS}. Prints
 * GB/s of every turn and medians.
 */
final class SsdBenchMain {

  private static final int BLOCK = 512 << 10;
  private static final long PIECE = 1 << 20;

  private final Path folder;
  private final int perBatch;
  private final MemorySegment memory;
  private final List<EncodedBlock> blocks;
  private final Map<String, List<Double>> rates = new TreeMap<>();

  private SsdBenchMain(Path folder, long bytes, int perBatch, Arena arena) {
    this.folder = folder;
    this.perBatch = perBatch;
    blocks = new ArrayList<>();
    memory = arena.allocate(bytes, SegmentRecordDescriptor.PAGE);
    for (int number = 0; number < bytes / BLOCK; number++) {
      EncodedBlock made = TestBlocks.block(arena, number, BLOCK);
      MemorySegment place = memory.asSlice((long) number * BLOCK, BLOCK);
      place.copyFrom(made.payload());
      blocks.add(new EncodedBlock(made.header(), place));
    }
  }

  /** Runs all. */
  public static void main(String[] arguments) throws Exception {
    long bytes = Long.parseLong(arguments[1]) << 20;
    try (Arena arena = Arena.ofShared()) {
      SsdBenchMain bench =
          new SsdBenchMain(Path.of(arguments[0]), bytes, Integer.parseInt(arguments[2]), arena);
      int pairs = Integer.parseInt(arguments[3]);
      for (int pair = -1; pair < pairs; pair++) {
        if (pair == 0) {
          bench.rates.clear();
        }
        bench.turn(pair);
      }
      bench.report();
    }
  }

  private void turn(int pair) throws Exception {
    List<Callable<?>> sides = new ArrayList<>(List.of(this::tier, this::lmdb, this::plain));
    java.util.Collections.rotate(sides, pair);
    for (Callable<?> side : sides) {
      clear();
      side.call();
    }
    clear();
  }

  private Void tier() throws Exception {
    SsdTierConfig config =
        new SsdTierConfig(
            folder.resolve("tier"), 2 * memory.byteSize(), 256 << 20, new Durability.Sync());
    try (SsdTier tier = SsdTier.open(config)) {
      time("tier put, new files", () -> put(tier));
      tier.remove(blocks.stream().map(block -> block.header().key()).toList());
      time("tier put, recycled files", () -> put(tier));
      if (!tier.counters().ioMode().equals("O_DIRECT")) {
        throw new IllegalStateException(tier.counters().ioMode());
      }
      time("tier read, cold, 1 reader, aligned", () -> read(tier, 0, 1, 4096));
      time("tier read, cold, 1 reader, unaligned", () -> read(tier, 0, 1, 64));
      try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
        time(
            "tier read, cold, 2 readers, aligned",
            () -> {
              Future<Boolean> other = readers.submit(() -> read(tier, 1, 2, 4096));
              read(tier, 0, 2, 4096);
              return other.get();
            });
      }
    }
    return null;
  }

  private boolean put(SsdTier tier) {
    for (int from = 0; from < blocks.size(); from += perBatch) {
      List<EncodedBlock> batch = blocks.subList(from, Math.min(blocks.size(), from + perBatch));
      if (tier.put(batch) != batch.size()) {
        throw new IllegalStateException("full");
      }
    }
    return true;
  }

  private boolean read(SsdTier tier, int from, int step, long alignment) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(BLOCK + 4096, 4096).asSlice(alignment % 4096, BLOCK);
      for (int i = from; i < blocks.size(); i += step) {
        BlockKey key = blocks.get((int) (i * 7919L % blocks.size())).header().key();
        if (!(tier.read(key, target) instanceof ReadOutcome.Found)) {
          throw new IllegalStateException("not found");
        }
      }
      return true;
    }
  }

  private Void lmdb() throws Exception {
    Path place = Files.createDirectory(folder.resolve("lmdb"));
    try (Env<MemorySegment> env =
        Env.create(new MemorySegmentProxy())
            .setMapSize(4 * memory.byteSize())
            .open(place.toFile(), EnvFlags.MDB_NOTLS)) {
      Dbi<MemorySegment> values = env.openDbi("values", DbiFlags.MDB_CREATE);
      time("LMDB put, growing", () -> put(env, values));
      try (Txn<MemorySegment> txn = env.txnWrite()) {
        values.drop(txn);
        txn.commit();
      }
      time("LMDB put, reusing pages", () -> put(env, values));
    }
    return null;
  }

  private boolean put(Env<MemorySegment> env, Dbi<MemorySegment> values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(BlockKey.INDEX_BYTES);
      for (int from = 0; from < blocks.size(); from += perBatch) {
        try (Txn<MemorySegment> txn = env.txnWrite()) {
          for (EncodedBlock block :
              blocks.subList(from, Math.min(blocks.size(), from + perBatch))) {
            block.header().key().writeIndexForm(key, 0);
            values.reserve(txn, key, BLOCK).copyFrom(block.payload());
          }
          txn.commit();
        }
      }
    }
    return true;
  }

  private Void plain() throws Exception {
    Path path = folder.resolve("plain");
    try (BlockFile file = DiskFiles.DIRECT.create(path)) {
      time("plain O_DIRECT write, new file", () -> write(file));
      time("plain O_DIRECT write, in place", () -> write(file));
      time(
          "plain O_DIRECT read",
          () -> {
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment piece = arena.allocate(PIECE, 4096);
              for (long at = 0; at < memory.byteSize(); at += PIECE) {
                file.read(piece, at);
              }
            }
            return true;
          });
    }
    return null;
  }

  /** As dd does with bs=1M, oflag=direct and conv=fdatasync. */
  private boolean write(BlockFile file) throws IOException {
    for (long at = 0; at < memory.byteSize(); at += PIECE) {
      file.write(memory.asSlice(at, PIECE), at);
    }
    file.force();
    return true;
  }

  private void time(String name, Callable<Boolean> work) throws Exception {
    long started = System.nanoTime();
    work.call();
    double rate = (double) memory.byteSize() / (System.nanoTime() - started);
    rates.computeIfAbsent(name, _ -> new ArrayList<>()).add(rate);
  }

  private void clear() throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path place, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            if (!place.equals(folder)) {
              Files.delete(place);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void report() {
    rates.forEach((name, values) ->
        System.out.printf(
            Locale.ROOT, "%-38s median %.2f GB/s  %s%n", name, median(values), turns(values)));
    ratio("tier put, recycled files", "LMDB put, growing");
    ratio("tier put, recycled files", "LMDB put, reusing pages");
    ratio("tier put, recycled files", "plain O_DIRECT write, in place");
    ratio("tier put, new files", "LMDB put, growing");
    ratio("tier put, new files", "plain O_DIRECT write, new file");
    ratio("tier read, cold, 1 reader, aligned", "plain O_DIRECT read");
    ratio("tier read, cold, 1 reader, unaligned", "plain O_DIRECT read");
    ratio("tier read, cold, 2 readers, aligned", "plain O_DIRECT read");
  }

  private void ratio(String ours, String peer) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < rates.getOrDefault(ours, List.of()).size(); i++) {
      ratios.add(
          rates.getOrDefault(ours, List.of()).get(i) / rates.getOrDefault(peer, List.of()).get(i));
    }
    System.out.printf(Locale.ROOT, "%.2f x  %s / %s%n", median(ratios), ours, peer);
  }

  private static String turns(List<Double> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(value -> text.append(String.format(Locale.ROOT, " %.2f", value)));
    return text.toString();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
