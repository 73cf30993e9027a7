package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that wake a few chunks, let them rest and forget them, as fast as they can. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ChunkCatalogStressTest {

  private static final int THREADS = 4;
  private static final int TURNS = 60_000;
  private static final int CHUNKS = 3;
  private static final int LAYERS = 2;
  private static final long SEED = 7;
  private static final Fingerprint MODEL =
      Fingerprint.of(
          "model",
          ModelShape.uniform(LAYERS, LayerShape.grouped(1, 1, 8, RopeSpec.none()), Dtype.F16),
          32);
  private static final ChainKey ROOT = ChainKey.root(Tenant.NONE, MODEL);

  private final ChunkCatalog catalog = new ChunkCatalog();
  private final AtomicInteger forgotten = new AtomicInteger();
  private final AtomicInteger entered = new AtomicInteger();

  @Test
  void aClaimHoldsWhateverOthersDo() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Boolean>> work = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        work.add(() -> run(thread, new SplittableRandom(SEED + thread)));
      }
      for (Future<Boolean> done : threads.invokeAll(work)) {
        assertThat(done.get()).as("seed %d", SEED).isTrue();
      }
    }
    assertThat(catalog.liveSize()).isZero();
    assertThat(catalog.size()).isEqualTo(entered.get() - forgotten.get());
    assertThat(forgotten.get()).isPositive();
  }

  private boolean run(int thread, SplittableRandom random) {
    for (int turn = 0; turn < TURNS; turn++) {
      ChunkKey key = key(random.nextInt(CHUNKS));
      switch (random.nextInt(8)) {
        case 0 -> forget(key);
        case 1, 2 -> enter(key);
        default -> use(key, thread, random);
      }
    }
    return true;
  }

  private void forget(ChunkKey key) {
    @Nullable Chunk chunk = catalog.peek(key);
    if (chunk != null && catalog.forget(chunk)) {
      forgotten.incrementAndGet();
    }
  }

  private void enter(ChunkKey key) {
    Chunk fresh = new Chunk(key, new ChunkSpan(ROOT, 0, 32, LAYERS));
    Chunk chunk = catalog.claimOrAdd(fresh);
    entered.addAndGet(chunk == fresh ? 1 : 0);
    for (int layer = 0; layer < LAYERS; layer++) {
      chunk.place(layer, Tier.SSD);
    }
    chunk.unclaim();
  }

  /** While this thread claims the chunk nobody retires it, and what it placed is there. */
  private void use(ChunkKey key, int thread, SplittableRandom random) {
    @Nullable Chunk chunk = catalog.claim(key);
    if (chunk == null) {
      return;
    }
    int layer = random.nextInt(LAYERS);
    if (chunk.placeHot(layer, thread)) {
      assertThat(chunk.hotHandle(layer)).isEqualTo(thread);
      chunk.dropHot(layer, thread);
    }
    if (!chunk.claimed() || chunk.retired() || catalog.claim(key) == null) {
      throw new IllegalStateException(chunk + " was lost while it was claimed, seed " + SEED);
    }
    chunk.unclaim();
    chunk.unclaim();
  }

  private static ChunkKey key(int number) {
    return new ChunkKey(Tenant.NONE, MODEL, ROOT.next(new int[] {number}, 0, 1));
  }
}
