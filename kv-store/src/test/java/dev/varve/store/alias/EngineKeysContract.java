package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Digest256;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What holds for the block hashes of every engine. */
interface EngineKeysContract {

  /** The keys under test with blocks of this many tokens. */
  EngineKeys keys(int blockTokens);

  @Test
  default void hashesOnlyFullBlocks() {
    EngineKeys keys = keys(16);
    assertThat(keys.hashes(new int[0])).isEmpty();
    assertThat(keys.hashes(counting(15))).isEmpty();
    assertThat(keys.hashes(counting(16))).hasSize(1);
    assertThat(keys.hashes(counting(31))).isEqualTo(keys.hashes(counting(16)));
    assertThat(keys.hashes(counting(32))).hasSize(2);
  }

  @Test
  default void hashesBlocksOfOneToken() {
    assertThat(keys(1).hashes(new int[] {5, 5, 5})).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  default void hashesNothingIfTheBlockIsLongerThanAnySequence() {
    assertThat(keys(Integer.MAX_VALUE).hashes(counting(100))).isEmpty();
  }

  @Test
  default void givesAPrefixTheSameHashes() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 50; round++) {
      EngineKeys keys = keys(1 + random.nextInt(40));
      int[] tokens = tokens(random, random.nextInt(300));
      int[] prefix = Arrays.copyOf(tokens, random.nextInt(tokens.length + 1));
      List<Digest256> hashes = keys.hashes(tokens);
      assertThat(keys.hashes(prefix))
          .as("seed %d, round %d", seed, round)
          .hasSize(prefix.length / keys.blockTokens())
          .isEqualTo(hashes.subList(0, prefix.length / keys.blockTokens()));
    }
  }

  @Test
  default void continuesASequenceFromTheHashBefore() {
    EngineKeys keys = keys(8);
    List<Digest256> hashes = keys.hashes(counting(40));
    for (int block = 1; block < 5; block++) {
      assertThat(keys.block(hashes.get(block - 1), counting(40), 8 * block))
          .isEqualTo(hashes.get(block));
    }
  }

  @Test
  default void changesFromTheBlockOnInWhichAnyOneTokenChanges() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    EngineKeys keys = keys(7);
    int[] tokens = tokens(random, 70);
    List<Digest256> hashes = keys.hashes(tokens);
    for (int i = 0; i < tokens.length; i++) {
      int[] other = tokens.clone();
      other[i] ^= 1 << random.nextInt(31);
      List<Digest256> changed = keys.hashes(other);
      int block = i / 7;
      assertThat(changed.subList(0, block)).isEqualTo(hashes.subList(0, block));
      assertThat(changed.subList(block, 10))
          .as("seed %d, token %d", seed, i)
          .doesNotContainAnyElementsOf(hashes);
    }
  }

  @Test
  default void tellsApartTheOrderOfTokensAndBlocks() {
    EngineKeys keys = keys(2);
    Set<Digest256> seen = new HashSet<>();
    List<int[]> orders =
        List.of(
            new int[] {1, 2, 3, 4},
            new int[] {2, 1, 3, 4},
            new int[] {3, 4, 1, 2},
            new int[] {1, 2, 4, 3},
            new int[] {1, 2, 1, 2});
    orders.forEach(order -> seen.add(keys.hashes(order).getLast()));
    assertThat(seen).hasSize(orders.size());
  }

  @Test
  default void hashesTheSmallestAndTheLargestId() {
    assertThat(keys(2).hashes(new int[] {0, Integer.MAX_VALUE})).hasSize(1);
  }

  @Test
  default void refusesANegativeId() {
    assertThatThrownBy(() -> keys(4).hashes(new int[] {0, 1, -2, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token ids must not be negative: -2 at position 2");
  }

  @Test
  default void refusesABlockThatIsNotWhole() {
    EngineKeys keys = keys(4);
    assertThatThrownBy(() -> keys.block(null, new int[6], 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> keys.block(null, new int[6], -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static int[] tokens(SplittableRandom random, int count) {
    return random.ints(count, 0, 200_000).toArray();
  }
}
