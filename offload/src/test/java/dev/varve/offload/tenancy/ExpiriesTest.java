package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExpiriesTest {

  private static final ChainKey ROOT = Keys.root(Keys.RED);
  private static final ChainKey FIRST = ROOT.next(new int[] {1}, 0, 1);
  private static final ChunkKey PARENT = Keys.key(Keys.RED, FIRST);
  private static final ChunkKey CHILD = Keys.key(Keys.RED, FIRST.next(new int[] {2}, 0, 1));

  private final Expiries expiries = new Expiries(1 << 10);

  @Test
  void aScanInPiecesMissesNothingWhileRowsMove() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    Expiries scanned = new Expiries(7);
    Map<ChunkKey, Long> model = new HashMap<>();
    for (long now = 0; now < 3000; now++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        ChunkKey key = Keys.any(random);
        long at = now + 1 + random.nextInt(300);
        scanned.set(key, at, false);
        model.put(key, at);
      }
      for (ChunkKey due : scanned.due(now)) {
        assertThat(model.remove(due)).as("seed %d", seed).isLessThanOrEqualTo(now);
        scanned.clear(due);
      }
    }
    Set<ChunkKey> rest = new HashSet<>(model.keySet());
    for (int call = 0; call < 4 * model.size() && !rest.isEmpty(); call++) {
      for (ChunkKey due : scanned.due(10_000)) {
        assertThat(rest.remove(due)).as("seed %d", seed).isTrue();
        scanned.clear(due);
      }
    }
    assertThat(rest).as("never shown, seed %d", seed).isEmpty();
  }

  @Test
  void looksAtNothingBeforeTheEarliestTime() {
    expiries.set(CHILD, 100, false);
    assertThat(expiries.due(99)).isEmpty();
    assertThat(expiries.due(100)).containsExactly(CHILD);
    expiries.clear(CHILD);
    assertThat(expiries.due(1_000)).isEmpty();
  }

  @Test
  void theLaterOfTwoSealingsCounts() {
    assertThat(expiries.sealed(CHILD, FIRST, 50, false, false, 10)).isEmpty();
    assertThat(expiries.sealed(CHILD, FIRST, 40, true, false, 20)).isEmpty();
    assertThat(expiries.of(CHILD)).isEqualTo(50);
    assertThat(expiries.sealed(CHILD, FIRST, 60, true, false, 20)).isPresent();
    assertThat(expiries.of(CHILD)).isEqualTo(60);
    assertThat(expiries.sealed(CHILD, FIRST, Expiries.NEVER, true, false, 20))
        .contains(new JournalRecord.Expires(CHILD, Expiries.NEVER, false));
    assertThat(expiries.sealed(CHILD, FIRST, 70, true, false, 20)).as("kept for ever").isEmpty();
    assertThat(expiries.of(CHILD)).isEqualTo(Expiries.NEVER);
  }

  @Test
  void whatLeftTheCatalogWhileItWasSealedGetsATimeOfItsOwn() {
    expiries.sealed(CHILD, FIRST, 50, true, false, 10);
    expiries.clear(CHILD);
    assertThat(expiries.sealed(CHILD, FIRST, 50, false, true, 10)).isEmpty();
    assertThat(expiries.of(CHILD)).isEqualTo(50);
    expiries.set(CHILD, 90, false);
    expiries.sealed(CHILD, FIRST, 50, false, true, 10);
    assertThat(expiries.of(CHILD)).as("sealed by another session, too").isEqualTo(90);
  }

  @Test
  void aTimeOfAPrefixBoundsWhatIsSealedBehindItUntilItPasses() {
    expiries.set(PARENT, 50, true);
    expiries.sealed(CHILD, FIRST, 90, false, false, 10);
    assertThat(expiries.of(CHILD)).isEqualTo(50);
    expiries.sealed(CHILD, FIRST, Expiries.NEVER, true, false, 20);
    assertThat(expiries.of(CHILD)).as("not even by who would keep it").isEqualTo(50);
    ChunkKey grandchild = Keys.key(Keys.RED, CHILD.chain().next(new int[] {3}, 0, 1));
    expiries.sealed(grandchild, CHILD.chain(), Expiries.NEVER, false, false, 30);
    assertThat(expiries.of(grandchild)).isEqualTo(50);
    expiries.sealed(CHILD, FIRST, 200, true, false, 50);
    assertThat(expiries.of(CHILD)).as("sealed again afterwards").isEqualTo(200);
  }

  @Test
  void tellsTheJournalWhenAChunkWithAWrittenTimeIsForgotten() {
    ChunkCatalog catalog = new ChunkCatalog();
    expiries.set(CHILD, 50, false);
    expiries.set(PARENT, 50, false);
    assertThat(expiries.unwritten(List.of(CHILD, PARENT))).hasSize(2);
    expiries.setWritten(CHILD, 50, false);
    assertThat(expiries.unwritten(List.of(CHILD, PARENT)))
        .containsExactly(new JournalRecord.Expires(PARENT, 50, false));
    assertThat(expiries.written()).containsExactly(new JournalRecord.Expires(CHILD, 50, false));
    assertThat(expiries.forgotten(PARENT, catalog)).isEmpty();
    assertThat(expiries.forgotten(CHILD, catalog))
        .contains(new JournalRecord.Expires(CHILD, Expiries.NEVER, false));
    assertThat(expiries.of(CHILD)).isEqualTo(Expiries.NEVER);
    ChunkKey entered = Keys.enter(catalog, Keys.RED, ROOT, 0, 5);
    expiries.setWritten(entered, 60, false);
    assertThat(expiries.forgotten(entered, catalog)).as("entered again").isEmpty();
    assertThat(expiries.of(entered)).isEqualTo(60);
    assertThat(expiries.keepKnown(catalog)).isFalse();
    assertThat(expiries.keepKnown(new ChunkCatalog())).isTrue();
    assertThat(expiries.of(entered)).isEqualTo(Expiries.NEVER);
  }
}
