package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LeafChoiceTest {

  private static final long BYTES = 1000;

  private final ChunkCatalog catalog = new ChunkCatalog();
  private final QuotaRows rows = new QuotaRows();
  private final List<Node> nodes = new ArrayList<>();

  private record Node(ChunkKey key, int parent, int depth, long used) {}

  @Test
  void choosesTheColdestLeafAgainAndAgain() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      int parent = i == 0 || random.nextInt(20) == 0 ? -1 : random.nextInt(i);
      add(parent, random.nextLong(1 << 20) * 300 + i);
    }
    Set<ChunkKey> spared = new HashSet<>();
    List<Chunk> claimed = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      spared.add(nodes.get(random.nextInt(300)).key());
      Chunk chunk = Objects.requireNonNull(catalog.claim(nodes.get(random.nextInt(300)).key()));
      claimed.add(chunk);
    }
    assertThat(rows.counted()).isEqualTo(300 * BYTES);
    for (int wanted : new int[] {1, 17, 120, 300}) {
      List<ChunkKey> chosen =
          new LeafChoice(rows, catalog).choose(wanted * BYTES, wanted * BYTES + 1, spared);
      assertThat(chosen).as("%d, seed %d", wanted, seed).isEqualTo(plainly(wanted, spared));
    }
    claimed.forEach(Chunk::unclaim);
  }

  @Test
  void takesMoreOnlyAsFarAsTheSlackGoes() {
    for (int i = 0; i < 10; i++) {
      add(-1, i);
    }
    assertThat(new LeafChoice(rows, catalog).choose(1, 3 * BYTES - 1, Set.of())).hasSize(2);
    assertThat(new LeafChoice(rows, catalog).choose(2 * BYTES, 2 * BYTES, Set.of())).hasSize(2);
    assertThat(new LeafChoice(rows, catalog).choose(99 * BYTES, 99 * BYTES, Set.of())).hasSize(10);
  }

  @Test
  void aChunkCountsOnceWithTheLargerOfItsCopies() {
    add(-1, 1);
    ChunkKey key = nodes.getFirst().key();
    rows.add(key, Tier.HOST, BYTES - 100);
    assertThat(rows.counted()).isEqualTo(BYTES);
    rows.add(key, Tier.HOST, 300);
    assertThat(rows.counted()).isEqualTo(BYTES + 200);
    rows.add(key, Tier.SSD, -BYTES);
    assertThat(rows.counted()).isEqualTo(BYTES + 200);
    rows.forgotten(key, true);
    assertThat(rows.counted()).as("sealed again before its copies left").isZero();
    rows.add(key, Tier.HOST, -BYTES - 200);
    assertThat(rows.counted()).isZero();
    rows.add(key, Tier.HOST, BYTES);
    assertThat(rows.counted()).isEqualTo(BYTES);
    rows.forgotten(key, false);
    rows.add(key, Tier.HOST, -BYTES);
    assertThat(rows.counted()).isZero();
    assertThat(rows.next(0)).isEqualTo(ChunkTable.ABSENT);
  }

  private void add(int parent, long used) {
    ChainKey above = parent < 0 ? Keys.root(Keys.RED) : nodes.get(parent).key().chain();
    int depth = parent < 0 ? 0 : nodes.get(parent).depth() + 1;
    ChunkKey key = Keys.enter(catalog, Keys.RED, above, depth, nodes.size());
    nodes.add(new Node(key, parent, depth, used));
    rows.known(key, above.digest().first(), 0);
    rows.used(key, used);
    rows.add(key, Tier.SSD, BYTES);
  }

  /** The same choice, looking at everything for every chunk. */
  private List<ChunkKey> plainly(int wanted, Set<ChunkKey> spared) {
    Set<Integer> left = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      left.add(i);
    }
    List<ChunkKey> chosen = new ArrayList<>();
    while (chosen.size() < wanted) {
      int coldest = -1;
      for (int i : left) {
        Node node = nodes.get(i);
        boolean stays =
            left.stream().anyMatch(other -> nodes.get(other).parent() == i)
                || spared.contains(node.key())
                || Objects.requireNonNull(catalog.peek(node.key())).claimed();
        if (!stays && (coldest < 0 || node.used() < nodes.get(coldest).used())) {
          coldest = i;
        }
      }
      if (coldest < 0) {
        return chosen;
      }
      left.remove(coldest);
      chosen.add(nodes.get(coldest).key());
    }
    return chosen;
  }
}
