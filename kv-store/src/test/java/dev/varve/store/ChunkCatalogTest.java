package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkCatalogTest {

  private static final Fingerprint MODEL =
      Fingerprint.of(
          "model",
          ModelShape.uniform(3, LayerShape.grouped(4, 2, 8, RopeSpec.none()), Dtype.F16),
          32);
  private static final ChainKey ROOT = ChainKey.root(Tenant.NONE, MODEL);

  private final ChunkCatalog catalog = new ChunkCatalog();

  @Test
  void entersAChunkOnceAndClaimsItForEveryFinder() {
    Chunk first = catalog.claimOrAdd(chunk(1));
    Chunk second = catalog.claimOrAdd(chunk(1));
    assertThat(second).isSameAs(first);
    assertThat(catalog.claim(first.key())).isSameAs(first);
    assertThat(catalog.claim(chunk(2).key())).isNull();
    assertThat(catalog.size()).isEqualTo(1);
  }

  @Test
  void forgetsAChunkOnlyWhenNobodyClaimsIt() {
    Chunk chunk = catalog.claimOrAdd(chunk(1));
    chunk.place(1, Tier.SSD);
    assertThat(catalog.forget(chunk)).isFalse();
    chunk.unclaim();
    assertThat(catalog.forget(chunk)).isTrue();
    assertThat(catalog.forget(chunk)).as("again").isFalse();
    assertThat(catalog.size()).isZero();
    assertThat(chunk.claim()).isFalse();
    Chunk successor = catalog.claimOrAdd(chunk(1));
    assertThat(successor).isNotSameAs(chunk);
    assertThat(catalog.forget(chunk)).as("an earlier life").isFalse();
    assertThat(catalog.peek(chunk.key())).isSameAs(successor);
  }

  @Test
  void completesAChunkFromTheHeadersOfItsBlocks() {
    for (int layer = 0; layer < 3; layer++) {
      BlockKey key = chunk(1).key().block(layer, Encoding.RAW);
      catalog.found(new BlockHeader(key, ROOT, 64, 32, 3, 100, 0), Tier.SSD);
    }
    Chunk chunk = catalog.peek(chunk(1).key());
    assertThat(chunk).isNotNull();
    assertThat(chunk.span()).isEqualTo(new ChunkSpan(ROOT, 64, 32, 3));
    assertThat(chunk.claimed()).isFalse();
    for (int layer = 0; layer < 3; layer++) {
      assertThat(chunk.residence(layer)).isEqualTo(new Residence.Resident(Set.of(Tier.SSD)));
    }
  }

  @Test
  void readsResidenceFromItsPackedWord() {
    Chunk chunk = chunk(1);
    assertThat(chunk.residence(0)).isEqualTo(new Residence.Absent());
    assertThat(chunk.hotHandle(0)).isEqualTo(Chunk.NOT_HOT);
    long handle = (1L << 56) - 1;
    assertThat(chunk.placeHot(0, handle)).isTrue();
    assertThat(chunk.placeHot(0, 7)).as("a second slot").isFalse();
    assertThat(chunk.hotHandle(0)).isEqualTo(handle);
    chunk.startMove(0, Tier.HOST);
    assertThat(chunk.residence(0)).isEqualTo(new Residence.Moving(Set.of(Tier.HOT), Tier.HOST));
    chunk.place(0, Tier.HOST);
    assertThat(chunk.residence(0))
        .isEqualTo(new Residence.Resident(Set.of(Tier.HOT, Tier.HOST)))
        .matches(residence -> residence.in(Tier.HOST) && !residence.in(Tier.SSD));
    chunk.dropHot(0, 7);
    assertThat(chunk.in(Tier.HOT, 0)).as("another slot's drop").isTrue();
    chunk.dropHot(0, handle);
    assertThat(chunk.residence(0)).isEqualTo(new Residence.Resident(Set.of(Tier.HOST)));
    assertThat(chunk.residence(1)).isEqualTo(new Residence.Absent());
    assertThatThrownBy(() -> chunk.place(0, Tier.HOT)).hasMessageContaining("placeHot");
  }

  @Test
  void noticesAReleaseWithoutAClaim() {
    assertThatThrownBy(() -> chunk(1).unclaim()).hasMessageContaining("without a claim");
  }

  private static Chunk chunk(int token) {
    ChainKey chain = ROOT.next(new int[] {token}, 0, 1);
    return new Chunk(new ChunkKey(Tenant.NONE, MODEL, chain), new ChunkSpan(ROOT, 0, 32, 3));
  }

  @Test
  void keepsAChainKeyToTheTenantThatEnteredItFirst() {
    Tenant other = Tenant.of(new byte[] {1}, new byte[] {1});
    Chunk mine = catalog.claimOrAdd(chunk(1));
    ChunkKey theirs = new ChunkKey(other, MODEL, mine.key().chain());
    catalog.found(new BlockHeader(theirs.block(0, Encoding.RAW), ROOT, 0, 32, 3, 100, 0), Tier.SSD);
    assertThat(catalog.claim(theirs)).isNull();
    assertThat(mine.anywhere()).isFalse();
    assertThatThrownBy(() -> catalog.claimOrAdd(new Chunk(theirs, mine.span())))
        .hasMessageContaining("another tenant or model");
  }

  @Test
  void restsWhenLetGoAndWakesWhenClaimed() {
    Chunk chunk = catalog.claimOrAdd(chunk(1));
    chunk.place(0, Tier.HOST);
    chunk.place(2, Tier.HOST);
    chunk.unclaim();
    assertThat(catalog.liveSize()).isZero();
    assertThat(chunk.restsIn(Tier.HOST)).isTrue();
    assertThat(chunk.restsIn(Tier.SSD)).isFalse();
    assertThat(chunk.residence(1)).isEqualTo(new Residence.Absent());
    assertThat(chunk.residence(2)).isEqualTo(new Residence.Resident(Set.of(Tier.HOST)));
    assertThat(catalog.named(chunk.name())).extracting(Chunk::key).containsExactly(chunk.key());
    Chunk claimed = catalog.claim(chunk.key());
    assertThat(claimed).isNotNull();
    assertThat(chunk.claimed()).as("another object for the same chunk").isTrue();
    assertThat(claimed.placeHot(0, 9)).isTrue();
    claimed.unclaim();
    assertThat(chunk.hotHandle(0)).isEqualTo(9);
    assertThat(catalog.liveSize()).as("hot").isEqualTo(1);
    chunk.dropHot(0, 9);
    assertThat(catalog.liveSize()).isZero();
    assertThatThrownBy(chunk::unclaim).hasMessageContaining("without a claim");
  }

  @Test
  void aChunkThatFitsNoRowStaysAwake() {
    ChainKey chain = ROOT.next(new int[] {7}, 0, 1);
    Chunk odd =
        catalog.claimOrAdd(
            new Chunk(new ChunkKey(Tenant.NONE, MODEL, chain), new ChunkSpan(ROOT, 5, 32, 3)));
    odd.unclaim();
    assertThat(catalog.liveSize()).isEqualTo(1);
    assertThat(catalog.peek(odd.key())).isSameAs(odd);
    assertThat(catalog.forget(odd)).isTrue();
  }
}
