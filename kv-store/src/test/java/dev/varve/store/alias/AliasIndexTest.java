package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class AliasIndexTest {

  private static final int CHUNK = 32;
  private static final Tenant ANNA = new Tenant(1, 1);
  private static final Tenant BEN = new Tenant(2, 2);
  private static final Fingerprint MODEL = new Fingerprint(new Digest256(9, 9, 9, 9));
  private static final Fingerprint OTHER_MODEL = new Fingerprint(new Digest256(8, 8, 8, 8));

  private final VllmKeys vllm = VllmKeys.standard();
  private final AliasScope scope = AliasScope.of(vllm, ANNA, MODEL);
  private final AliasIndex index = new AliasIndex(1000);

  @Test
  void findsTheChunkAndTheOffsetOfShorterBlocks() {
    List<ChunkKey> chunks = chunks(ANNA, MODEL, counting(96));
    List<Digest256> hashes = vllm.hashes(counting(96));
    assertThat(index.addPrefix(scope, hashes, chunks, CHUNK)).isEqualTo(6);
    for (int block = 0; block < 6; block++) {
      assertThat(index.find(scope, hashes.get(block)))
          .contains(new AliasTarget(chunks.get(block / 2), block % 2 == 0 ? 16 : 32));
    }
  }

  @Test
  void findsTheLastChunkOfLongerBlocks() {
    LmcacheKeys lmcache = LmcacheKeys.standalone(256);
    AliasScope scope = AliasScope.of(lmcache, ANNA, MODEL);
    List<ChunkKey> chunks = chunks(ANNA, MODEL, counting(600));
    List<Digest256> hashes = lmcache.hashes(counting(600));
    assertThat(index.addPrefix(scope, hashes, chunks, CHUNK)).isEqualTo(2);
    assertThat(index.find(scope, hashes.get(0))).contains(new AliasTarget(chunks.get(7), 32));
    assertThat(index.find(scope, hashes.get(1))).contains(new AliasTarget(chunks.get(15), 32));
  }

  @Test
  void findsBlocksThatEndInTheMiddleOfChunks() {
    SglangKeys sglang = new SglangKeys(50);
    AliasScope scope = AliasScope.of(sglang, ANNA, MODEL);
    List<ChunkKey> chunks = chunks(ANNA, MODEL, counting(128));
    List<Digest256> hashes = sglang.hashes(counting(128));
    assertThat(index.addPrefix(scope, hashes, chunks, CHUNK)).isEqualTo(2);
    assertThat(index.findLeading(scope, hashes))
        .containsExactly(new AliasTarget(chunks.get(1), 18), new AliasTarget(chunks.get(3), 4));
  }

  @Test
  void entersOnlyBlocksWhoseLastTokenIsHeld() {
    List<Digest256> hashes = vllm.hashes(counting(96));
    List<ChunkKey> one = chunks(ANNA, MODEL, counting(96)).subList(0, 1);
    assertThat(index.addPrefix(scope, hashes, one, CHUNK)).isEqualTo(2);
    assertThat(index.findLeading(scope, hashes)).hasSize(2);
    assertThat(index.addPrefix(scope, hashes, List.of(), CHUNK)).isZero();
    assertThat(index.addPrefix(scope, List.of(), one, CHUNK)).isZero();
  }

  @Test
  void stopsAtTheFirstHashThatIsNotKnown() {
    List<Digest256> hashes = vllm.hashes(counting(96));
    index.addPrefix(scope, hashes, chunks(ANNA, MODEL, counting(96)), CHUNK);
    List<Digest256> gap = new ArrayList<>(hashes);
    gap.set(3, new Digest256(0, 0, 0, 0));
    assertThat(index.findLeading(scope, gap)).hasSize(3);
    assertThat(index.findLeading(scope, List.of())).isEmpty();
  }

  @Test
  void findsNothingForAnotherTenantModelEngineOrBlockSize() {
    Digest256 hash = vllm.hashes(counting(16)).getFirst();
    index.add(scope, hash, new AliasTarget(chunks(ANNA, MODEL, counting(32)).getFirst(), 16));
    assertThat(index.find(scope, hash)).isPresent();
    List<AliasScope> others =
        List.of(
            AliasScope.of(vllm, BEN, MODEL),
            AliasScope.of(vllm, Tenant.NONE, MODEL),
            AliasScope.of(vllm, ANNA, OTHER_MODEL),
            AliasScope.of(new SglangKeys(16), ANNA, MODEL),
            AliasScope.of(VllmKeys.seeded(VllmKeys.DEFAULT_SEED, 32), ANNA, MODEL));
    assertThat(others).allSatisfy(other -> assertThat(index.find(other, hash)).isEmpty());
  }

  @Test
  void refusesAChunkOfAnotherTenantOrModel() {
    AliasTarget bens = new AliasTarget(chunks(BEN, MODEL, counting(32)).getFirst(), 16);
    AliasTarget others = new AliasTarget(chunks(ANNA, OTHER_MODEL, counting(32)).getFirst(), 16);
    for (AliasTarget target : List.of(bens, others)) {
      assertThatThrownBy(() -> index.add(scope, new Digest256(1, 2, 3, 4), target))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not of the scope's tenant and fingerprint");
    }
    assertThat(index.size()).isZero();
  }

  @Test
  void answersNothingForAHashOfTwoTargets() {
    List<ChunkKey> chunks = chunks(ANNA, MODEL, counting(64));
    Digest256 hash = new Digest256(1, 2, 3, 4);
    AliasTarget first = new AliasTarget(chunks.get(0), 16);
    AliasTarget second = new AliasTarget(chunks.get(1), 16);
    index.add(scope, hash, first);
    index.add(scope, hash, first);
    assertThat(index.find(scope, hash)).contains(first);
    index.add(scope, hash, second);
    index.add(scope, hash, first);
    assertThat(index.find(scope, hash)).isEmpty();
    assertThat(index.removeIf(chunk -> true)).isZero();
    index.add(scope, hash, first);
    assertThat(index.find(scope, hash)).isEmpty();
    assertThat(index.ambiguous()).isEqualTo(1);
  }

  @Test
  void removesTheAliasesOfChunksThatAreGone() {
    List<ChunkKey> chunks = chunks(ANNA, MODEL, counting(96));
    List<Digest256> hashes = vllm.hashes(counting(96));
    index.addPrefix(scope, hashes, chunks, CHUNK);
    assertThat(index.removeIf(chunk -> chunk.equals(chunks.get(1)))).isEqualTo(2);
    assertThat(index.findLeading(scope, hashes)).hasSize(2);
    assertThat(index.find(scope, hashes.get(4))).isPresent();
    assertThat(index.removeIf(chunk -> chunk.tenant().equals(ANNA))).isEqualTo(4);
    assertThat(index.size()).isZero();
  }

  @Test
  void keepsNoMoreThanItsCapacity() {
    AliasTarget target = new AliasTarget(chunks(ANNA, MODEL, counting(32)).getFirst(), 1);
    for (int capacity : new int[] {1, 2, 3, 15, 16, 17, 100}) {
      AliasIndex small = new AliasIndex(capacity);
      for (int i = 0; i < 3000; i++) {
        small.add(scope, new Digest256(0, i, 0, 0), target);
      }
      assertThat(small.size()).isEqualTo(capacity);
      assertThat(small.capacity()).isEqualTo(capacity);
      assertThat(small.evicted()).isEqualTo(3000 - capacity);
    }
  }

  @Test
  void letsGoOfTheAliasThatWasNotUsedForLongest() {
    AliasTarget target = new AliasTarget(chunks(ANNA, MODEL, counting(32)).getFirst(), 1);
    AliasIndex one = new AliasIndex(32);
    Digest256 first = new Digest256(1, 16, 0, 0);
    Digest256 second = new Digest256(2, 16, 0, 0);
    Digest256 third = new Digest256(3, 16, 0, 0);
    one.add(scope, first, target);
    one.add(scope, second, target);
    assertThat(one.find(scope, first)).isPresent();
    one.add(scope, third, target);
    assertThat(one.find(scope, second)).isEmpty();
    assertThat(one.find(scope, first)).isPresent();
    assertThat(one.find(scope, third)).isPresent();
  }

  @Test
  void refusesAnIndexOfNothingAndAnEndBeforeTheChunk() {
    assertThatThrownBy(() -> new AliasIndex(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("aliases kept must be at least 1: 0");
    ChunkKey chunk = chunks(ANNA, MODEL, counting(32)).getFirst();
    assertThatThrownBy(() -> new AliasTarget(chunk, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("end of an alias in its chunk must be at least 1: 0");
  }

  @Test
  void answersManyThreadsWithTheirOwnTargets() throws Exception {
    int threads = 4;
    AliasIndex shared = new AliasIndex(2000);
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Tenant tenant = new Tenant(100, t);
      tasks.add(() -> wrongAnswers(shared, tenant));
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Integer> wrong : pool.invokeAll(tasks)) {
        assertThat(wrong.get()).isZero();
      }
    }
    assertThat(shared.size()).isEqualTo(2000);
    assertThat(shared.evicted()).isEqualTo(4 * 2000 - 2000);
    assertThat(shared.ambiguous()).isZero();
  }

  /** Adds 2000 aliases and finds each again at once or, if others pushed it out, not at all. */
  private int wrongAnswers(AliasIndex shared, Tenant tenant) {
    AliasScope own = AliasScope.of(vllm, tenant, MODEL);
    ChunkKey chunk = chunks(tenant, MODEL, counting(32)).getFirst();
    int wrong = 0;
    for (int i = 1; i <= 2000; i++) {
      AliasTarget target = new AliasTarget(chunk, i);
      Digest256 hash = new Digest256(i, i, i, i);
      shared.add(own, hash, target);
      wrong += shared.find(own, hash).map(found -> found.equals(target) ? 0 : 1).orElse(0);
    }
    return wrong;
  }

  private static List<ChunkKey> chunks(Tenant tenant, Fingerprint model, int[] tokens) {
    List<ChunkKey> chunks = new ArrayList<>();
    ChainKey chain = ChainKey.root(tenant, model);
    for (int from = 0; from + CHUNK <= tokens.length; from += CHUNK) {
      chain = chain.next(tokens, from, from + CHUNK);
      chunks.add(new ChunkKey(tenant, model, chain));
    }
    return chunks;
  }
}
