package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.store.BlockKey;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Digest256;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandTest {

  private static final int PAYLOAD = 4096;
  private static final int BLOCKS = 8;

  @TempDir Path folder;
  private String store = "";

  @BeforeEach
  void fill() {
    store = folder.resolve("store").toString();
    try (SsdTier tier = open();
        Arena arena = Arena.ofConfined()) {
      List<EncodedBlock> blocks = new ArrayList<>();
      for (int number = 0; number < BLOCKS; number++) {
        ChunkSpan span = new ChunkSpan(chain(number), 0, 32, 1);
        blocks.add(EncodedBlock.seal(key(number), span, arena.allocate(PAYLOAD)));
      }
      assertThat(tier.put(blocks)).isEqualTo(BLOCKS);
    }
  }

  @Test
  void verifiesASoundStore() {
    Run run = Run.of("store", "verify", store);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("8 blocks sound").endsWith("sound\n");
    assertThat(Run.of("store", "verify", store, "--format", "json").out())
        .contains("\"damages\" : 0");
  }

  @Test
  void verifyEndsWithOneOnDamageAndRepairDropsIt() throws IOException {
    Path segment = folder.resolve("store/segments/0000000000000000.segment");
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.seek(4096 + 7);
      file.write(1);
    }
    Run verify = Run.of("store", "verify", store);
    assertThat(verify.exitCode()).isEqualTo(1);
    assertThat(verify.out()).contains("damaged: ").contains("1 damages: run 'varve store repair'");
    Run repair = Run.of("store", "repair", store);
    assertThat(repair.exitCode()).isZero();
    assertThat(repair.out()).isEqualTo("7 blocks held, 1 damaged records dropped, index kept\n");
    assertThat(Run.of("store", "verify", store).exitCode()).isZero();
  }

  @Test
  void countsAndCompacts() {
    try (SsdTier tier = open()) {
      tier.remove(List.of(key(0), key(1), key(2)));
    }
    Run stats = Run.of("store", "stats", store);
    assertThat(stats.exitCode()).as(stats.err()).isZero();
    assertThat(stats.out())
        .contains("5 blocks, 20.0 KiB of payload")
        .contains("0000000000000000")
        .contains("00000000000000070000000000000008");
    Run compact = Run.of("store", "compact", store, "--below", "0.9");
    assertThat(compact.exitCode()).as(compact.err()).isZero();
    assertThat(compact.out()).isEqualTo("1 blocks moved, 24.0 KiB freed\n");
    assertThat(Run.of("store", "stats", store, "--format", "json").out())
        .contains("\"blocks\" : 5")
        .contains("\"diskBytes\" : 40960");
  }

  @Test
  void refusesAnOpenStoreAndNamesItsProcess() {
    try (SsdTier tier = open()) {
      for (String command : List.of("verify", "repair", "stats", "compact")) {
        Run run = Run.of("store", command, store);
        assertThat(run.exitCode()).as(command).isEqualTo(3);
        assertThat(run.err()).contains("open in process " + ProcessHandle.current().pid());
      }
      assertThat(tier.usage().blocks()).isEqualTo(BLOCKS);
    }
  }

  @Test
  void refusesAFolderThatIsNoStoreAndAWrongCall() {
    Run run = Run.of("store", "verify", folder.toString());
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("there is no store in");
    assertThat(Run.of("store").err()).contains("verify, repair, stats, usage, delete, compact");
    assertThat(Run.of("store", "compact", store, "--below", "2").exitCode()).isEqualTo(2);
  }

  private SsdTier open() {
    return SsdTier.open(new SsdTierConfig(Path.of(store), 1 << 20, 32 << 10));
  }

  private static BlockKey key(int number) {
    Fingerprint model = new Fingerprint(new Digest256(1, 2, 3, 4));
    return new ChunkKey(new Tenant(7, 8), model, chain(number)).block(0, Encoding.RAW);
  }

  private static ChainKey chain(int number) {
    return new ChainKey(new Digest256(5, number, 6, 7));
  }
}
