package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TierOrderTest {

  private final ChunkCatalog catalog = new ChunkCatalog();

  private static final Fingerprint MODEL =
      Fingerprint.of(
          "model",
          ModelShape.uniform(1, LayerShape.grouped(1, 1, 8, RopeSpec.none()), Dtype.F32),
          32);

  @Test
  void aHitKeepsAChunkLonger() {
    TierOrder order = new TierOrder(PolicyKind.LRU.create(10), catalog, Tier.HOST, () -> 0);
    List<Chunk> chunks = List.of(chain(1, 1).getFirst(), chain(2, 1).getFirst());
    chunks.forEach(order::entered);
    order.requested(chunks.subList(0, 1), 5);
    assertThat(order.leaver()).contains(chunks.get(1));
    assertThat(order.leaver()).contains(chunks.get(0));
    assertThat(order.leaver()).isEmpty();
  }

  @Test
  void oursLetsChildrenGoBeforeTheirParents() {
    TierOrder order = new TierOrder(PolicyKind.VARVE.create(10), catalog, Tier.HOST, () -> 0);
    List<Chunk> chain = chain(1, 6);
    order.requested(List.of(), 6);
    chain.forEach(order::entered);
    List<Chunk> left = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      left.add(order.leaver().orElseThrow());
    }
    assertThat(left).isEqualTo(chain.reversed());
  }

  @ParameterizedTest
  @EnumSource(PolicyKind.class)
  void everyPolicyLetsEachChunkGoOnceAndTakesItBack(PolicyKind kind) {
    TierOrder order = new TierOrder(kind.create(100), catalog, Tier.HOST, () -> 0);
    List<Chunk> chunks = chain(7, 20);
    chunks.forEach(order::entered);
    chunks.forEach(order::entered);
    order.left(chunks.get(19));
    List<Chunk> gone = new ArrayList<>();
    for (Optional<Chunk> next = order.leaver(); next.isPresent(); next = order.leaver()) {
      gone.add(next.get());
    }
    assertThat(gone).containsExactlyInAnyOrderElementsOf(chunks.subList(0, 19));
    order.entered(chunks.getFirst());
    assertThat(order.leaver()).contains(chunks.getFirst());
  }

  private List<Chunk> chain(int seed, int length) {
    List<Chunk> chain = new ArrayList<>();
    ChainKey parent = ChainKey.root(Tenant.NONE, MODEL);
    for (int i = 0; i < length; i++) {
      ChainKey key = parent.next(new int[] {seed}, 0, 1);
      ChunkSpan span = new ChunkSpan(parent, 32 * i, 32, 1);
      chain.add(catalog.claimOrAdd(new Chunk(new ChunkKey(Tenant.NONE, MODEL, key), span)));
      parent = key;
    }
    return chain;
  }
}
