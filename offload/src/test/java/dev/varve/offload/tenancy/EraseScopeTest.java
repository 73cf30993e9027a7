package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EraseScopeTest {

  @Test
  void aPrefixIsAChunkAndAllItsDescendantsInAnyTree() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 30; round++) {
      ChunkCatalog catalog = new ChunkCatalog();
      List<ChunkKey> keys = new ArrayList<>();
      Map<ChunkKey, Integer> depths = new HashMap<>();
      Map<ChunkKey, ChunkKey> parents = new HashMap<>();
      for (int i = 0; i < 60; i++) {
        boolean first = keys.isEmpty() || random.nextInt(10) == 0;
        ChunkKey parent = first ? null : keys.get(random.nextInt(keys.size()));
        int depth = parent == null ? 0 : Objects.requireNonNull(depths.get(parent)) + 1;
        ChainKey above = parent == null ? Keys.root(Keys.RED) : parent.chain();
        ChunkKey key = Keys.enter(catalog, Keys.RED, above, depth, i);
        keys.add(key);
        depths.put(key, depth);
        if (parent != null) {
          parents.put(key, parent);
        }
      }
      ChunkKey other = Keys.enter(catalog, Keys.BLUE, Keys.root(Keys.BLUE), 0, 1);
      ChunkKey chosen = keys.get(random.nextInt(keys.size()));
      Set<ChunkKey> expected = new HashSet<>();
      for (ChunkKey key : keys) {
        for (ChunkKey at = key; at != null; at = parents.get(at)) {
          if (at.equals(chosen)) {
            expected.add(key);
          }
        }
      }
      EraseScope.OfPrefix prefix =
          new EraseScope.OfPrefix(chosen, Objects.requireNonNull(depths.get(chosen)) * Keys.SPAN);
      assertThat(prefix.find(catalog))
          .as("seed %d, round %d", seed, round)
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(prefix.findCertain(catalog)).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(new EraseScope.OfTenant(Keys.BLUE).find(catalog)).containsExactly(other);
      assertThat(new EraseScope.OfModel(Keys.MODEL).find(catalog)).hasSize(61);
    }
  }

  @Test
  void aChunkWhoseParentIsLostBelongsToAnyPrefixItMayContinue() {
    ChunkCatalog catalog = new ChunkCatalog();
    ChunkKey first = Keys.enter(catalog, Keys.RED, Keys.root(Keys.RED), 0, 1);
    ChunkKey second = Keys.enter(catalog, Keys.RED, first.chain(), 1, 2);
    ChunkKey third = Keys.enter(catalog, Keys.RED, second.chain(), 2, 3);
    ChunkKey fourth = Keys.enter(catalog, Keys.RED, third.chain(), 3, 4);
    ChunkKey aside = Keys.enter(catalog, Keys.RED, first.chain(), 1, 5);
    Chunk lost = Objects.requireNonNull(catalog.peek(second));
    assertThat(catalog.forget(lost)).isTrue();

    EraseScope.OfPrefix whole = new EraseScope.OfPrefix(first, 0);
    assertThat(whole.find(catalog)).containsExactlyInAnyOrder(first, third, fourth, aside);
    assertThat(whole.findCertain(catalog)).containsExactlyInAnyOrder(first, aside);
    assertThat(new EraseScope.OfPrefix(aside, Keys.SPAN).find(catalog))
        .as("they may continue it")
        .containsExactlyInAnyOrder(aside, third, fourth);
    assertThat(new EraseScope.OfPrefix(fourth, 3 * Keys.SPAN).find(catalog))
        .containsExactly(fourth);
    assertThat(new EraseScope.OfPrefix(second, Keys.SPAN).find(catalog))
        .as("what is left of a lost chunk")
        .containsExactlyInAnyOrder(third, fourth);
  }
}
