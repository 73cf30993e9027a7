package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.EncodedBlock;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Index files, whole and damaged, read without LMDB. */
class IndexFileTest {

  private static final int BLOCKS = 900;
  private static final int TRANSACTIONS = 60;
  private static final int GENERATION = TRANSACTIONS + 2;

  @TempDir private Path folder;

  @Test
  void readsWhatLmdbWroteInItsOrder() throws IOException {
    Path data = index(BLOCKS);
    Map<String, String> rows = rows(data);
    assertThat(rows).hasSize(2 * BLOCKS + 1);
    try (BlockIndex index = BlockIndex.openToRead(folder.resolve("index" + BLOCKS))) {
      assertThat(index.size()).isEqualTo(BLOCKS);
    }
    assertThat(rows(index(0))).isEmpty();
  }

  @Test
  void takesADamagedFileForDoubtfulOrReadsTheRowsThatWereWritten() throws IOException {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    Path data = index(BLOCKS);
    byte[] whole = Files.readAllBytes(data);
    Map<String, String> rows = rows(data);
    OptionalLong noted = OptionalLong.of(GENERATION);
    assertThat(IndexAudit.doubt(data, noted, null)).isEmpty();
    int doubts = 0;
    for (int run = 0; run < 600; run++) {
      Files.write(data, whole);
      damage(data, random, run);
      Optional<String> doubt = IndexAudit.doubt(data, noted, null);
      doubts += doubt.isPresent() ? 1 : 0;
      if (doubt.isEmpty()) {
        assertThat(rows(data)).as("run %d, seed %d", run, seed).isEqualTo(rows);
      }
    }
    assertThat(doubts).as("seed %d", seed).isBetween(100, 590);
  }

  @Test
  void anIndexWithoutOneOfItsDatabasesIsDoubtful() throws IOException {
    Path data = index(BLOCKS);
    byte[] whole = Files.readAllBytes(data);
    for (String database :
        List.of(IndexRows.BLOCKS, IndexRows.PLACES, IndexRows.REMOVALS, IndexRows.STATE)) {
      String text = new String(whole, StandardCharsets.ISO_8859_1);
      String other = database.substring(0, database.length() - 1) + '~';
      Files.writeString(data, text.replace(database, other), StandardCharsets.ISO_8859_1);
      assertThat(IndexAudit.doubt(data, OptionalLong.of(GENERATION), null).orElseThrow())
          .contains("no database " + database);
    }
  }

  /** Single bits of the two roots, single bits anywhere, pages written over, files cut. */
  private static void damage(Path data, SplittableRandom random, int run) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
      long length = file.length();
      switch (run % 4) {
        case 0 -> flip(file, random.nextInt(2) * 4096L + random.nextInt(152), random);
        case 1 -> flip(file, random.nextLong(length), random);
        case 2 -> {
          byte[] page = new byte[4096];
          file.seek(random.nextLong(length / 4096) * 4096);
          file.readFully(page);
          file.seek(random.nextLong(length / 4096) * 4096);
          file.write(page);
        }
        default -> file.setLength(random.nextLong(length));
      }
    }
  }

  private static void flip(RandomAccessFile file, long at, SplittableRandom random)
      throws IOException {
    file.seek(at);
    int old = file.read();
    file.seek(at);
    file.write(old ^ (1 << random.nextInt(8)));
  }

  @Test
  void aTreeOfAnEarlierGenerationIsDoubtful() throws IOException {
    Path data = index(BLOCKS);
    assertThat(IndexAudit.doubt(data, OptionalLong.of(GENERATION + 1), null).orElseThrow())
        .contains("generation " + GENERATION)
        .contains("noted is " + (GENERATION + 1));
    assertThat(IndexAudit.doubt(data, OptionalLong.of(GENERATION - 1), null)).isEmpty();
    assertThat(IndexAudit.doubt(data, OptionalLong.empty(), null)).isPresent();
  }

  @Test
  void copiesEveryRow() throws IOException {
    Path data = index(BLOCKS);
    Path target = Files.createDirectory(folder.resolve("copy"));
    try (BlockIndex copy = BlockIndex.create(target, 1 << 20)) {
      assertThat(IndexAudit.doubt(data, OptionalLong.of(GENERATION), copy)).isEmpty();
      assertThat(copy.state().generation()).isGreaterThan(GENERATION);
      assertThat(copy.removals()).hasSize(1);
    }
    assertThat(rows(target.resolve("data.mdb"))).isEqualTo(rows(data));
  }

  @Test
  void refusesWhatIsNoLmdbFile() throws IOException {
    for (int length : new int[] {0, 100, 4096, 20_000}) {
      Path file = Files.write(folder.resolve("garbage"), new byte[length]);
      assertThatThrownBy(() -> IndexFile.open(file)).isInstanceOf(DamagedIndexException.class);
    }
  }

  /** An index made in many transactions, so that older trees lie about in it. */
  private Path index(int blocks) throws IOException {
    Path place = Files.createDirectory(folder.resolve("index" + blocks));
    try (BlockIndex index = BlockIndex.create(place, 1 << 20);
        Arena arena = Arena.ofConfined()) {
      int step = blocks / TRANSACTIONS;
      for (int from = 0; from < blocks; from += step) {
        List<IndexEntry> entries =
            TestBlocks.blocks(arena, from, from + step, 64).stream()
                .map(IndexFileTest::entry)
                .toList();
        index.set(entries, 5, List.of());
      }
      if (blocks > 0) {
        index.remove(List.of(TestBlocks.key(0)));
        IndexEntry anew =
            new IndexEntry(TestBlocks.block(arena, 0, 64).header(), new Location(8, 0, 6));
        index.set(List.of(anew), 6, List.of());
      }
    }
    return place.resolve("data.mdb");
  }

  private static IndexEntry entry(EncodedBlock block) {
    long offset = Integer.toUnsignedLong(block.header().payloadCrc());
    return new IndexEntry(block.header(), new Location(7, offset, 5));
  }

  private static Map<String, String> rows(Path data) throws IOException {
    Map<String, String> rows = new HashMap<>();
    try (IndexFile file = IndexFile.open(data)) {
      for (String database : List.of(IndexRows.BLOCKS, IndexRows.PLACES, IndexRows.REMOVALS)) {
        file.forEach(
            database, (key, value) -> rows.put(database + hex(key), meaning(database, value)));
      }
    }
    return rows;
  }

  /** What a value says, without its reserved bytes. */
  private static String meaning(String database, MemorySegment value) {
    return database.equals(IndexRows.BLOCKS)
        ? IndexValueDescriptor.read(value).toString()
        : hex(value);
  }

  private static String hex(MemorySegment bytes) {
    return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
  }
}
